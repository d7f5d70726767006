-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- What the load left: 40 MB of small garbage.
for i = 1, 400000 do local _ = {{}} end
local heap = {}
for i = 1, 400000 do heap[i] = {} end
heap = nil
function match()
  while true do local _ = {} end
end
