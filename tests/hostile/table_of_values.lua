-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that stores 3000 values.
local t = {}
for i = 1, 3000 do t[i] = i end
local function f(...)
  while true do local _ = {...} end
end
function match()
  f(table.unpack(t))
end
