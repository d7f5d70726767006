-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Reducing an argument of a thousand bits.
function match()
  while true do math.sin(1.7e308) end
end
