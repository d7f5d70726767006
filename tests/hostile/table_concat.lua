-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Joining a megabyte.
local t = {}
for i = 1, 1000 do t[i] = ("x"):rep(1000) end
function match()
  while true do table.concat(t) end
end
