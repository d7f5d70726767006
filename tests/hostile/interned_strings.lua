-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The table of strings grows and is rehashed.
local hold = {}
for i = 1, 520000 do hold[i] = "s" .. i end
function match()
  for i = 1, 1 << 30 do hold[i] = "t" .. i end
end
