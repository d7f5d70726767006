-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A table of 16 MB that changes all the time.
local heap = {}
for i = 1, 1 << 20 do heap[i] = false end
function match()
  local i = 0
  while true do i = i % (1 << 20) + 1; heap[i] = {} end
end
