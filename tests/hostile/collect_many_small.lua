-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The collector walks 40 MB of small tables.
local heap = {}
for i = 1, 500000 do heap[i] = {} end
function match()
  while true do local _ = {} end
end
