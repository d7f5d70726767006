-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The host writes a line.
function match()
  while true do print("x") end
end
