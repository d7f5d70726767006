-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A quotient of 2000 bits.
function match()
  local x, y = 1.7e308, 5e-324
  while true do local _ = x % y end
end
