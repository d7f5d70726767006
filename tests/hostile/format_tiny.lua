-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A number whose digits take long to find.
function match()
  while true do string.format("%.99g", 5e-324) end
end
