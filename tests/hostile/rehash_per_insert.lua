-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each insertion finds no free slot and counts the table again.
local t = {}
for i = 1, 1 << 16 do t["k" .. i] = true end
function match()
  local i = 0
  while true do
    i = i + 1
    t[i + 0.5] = true
    t[i + 0.5] = nil
  end
end
