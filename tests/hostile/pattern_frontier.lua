-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each position costs 200 classes, twice.
local s = ("a"):rep(1 << 20)
function match()
  while true do s:find("%f[" .. ("%d"):rep(200) .. "]b") end
end
