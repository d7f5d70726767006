-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that stores 1200 values.
local t = {}
for i = 1, 1200 do t[i] = i end
local function f(...)
  while true do local _ = {...} end
end
function match()
  f(table.unpack(t))
end
