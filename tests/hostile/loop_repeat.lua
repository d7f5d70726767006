-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A loop.
function match()
  repeat until false
end
