-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A C loop that pushes 1200 values.
local t = {}
for i = 1, 1200 do t[i] = i end
function match()
  while true do table.unpack(t) end
end
