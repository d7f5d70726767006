-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- `next` looks at half a million empty slots.
local t = {}
for i = 1, 1 << 19 do t[i] = true end
for i = 1, 1 << 19 do t[i] = nil end
function match()
  while true do next(t) end
end
