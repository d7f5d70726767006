-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- 150 nested calls move 1200 results each.
local t = {}
for i = 1, 1200 do t[i] = i end
local function f(...) return ... end
local calls = {}
for i = 1, 150 do calls[i] = pcall end
calls[151] = f
for i = 1, 1200 do calls[151 + i] = i end
function match()
  while true do pcall(table.unpack(calls)) end
end
