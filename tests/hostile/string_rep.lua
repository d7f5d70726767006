-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Filling a megabyte.
function match()
  while true do string.rep("xy", 1 << 19) end
end
