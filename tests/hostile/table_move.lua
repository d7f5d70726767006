-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A C loop over a count that the script names.
function match()
  table.move({}, 1, 1 << 53, 2)
end
