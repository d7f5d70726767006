-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A binary search of half a million slots.
local t = {}
for i = 1, 1 << 19 do t[i] = true end
function match()
  while true do t[#t] = nil; t[#t + 1] = true; local _ = #t end
end
