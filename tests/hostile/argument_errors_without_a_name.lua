-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each error looks for the function's name among all globals and functions of modules.
for i = 1, 2000 do _G["g" .. i] = i end

function match()
  while true do pcall(conn.traffic) end
end
