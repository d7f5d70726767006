-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A quotient of 2000 bits.
function match()
  while true do math.fmod(1.7e308, 5e-324) end
end
