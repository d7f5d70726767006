-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- 400 digits.
function match()
  while true do string.format("%99.99f", 1e308) end
end
