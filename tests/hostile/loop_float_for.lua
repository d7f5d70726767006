-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A loop.
function match()
  for _ = 1.5, math.huge do end
end
