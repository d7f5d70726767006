-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A reader that never ends.
function match()
  while true do load(function() return " " end) end
end
