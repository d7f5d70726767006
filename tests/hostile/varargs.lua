-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A call that passes 1200 values.
local t = {}
for i = 1, 1200 do t[i] = i end
local function f(...) return f(...) end
function match()
  f(table.unpack(t))
end
