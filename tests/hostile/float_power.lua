-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Powers.
function match()
  local x, y = 1.0000001, 1e9
  while true do local _ = x ^ y end
end
