-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A message handler is code, too.
function match()
  xpcall(error, function() while true do end end)
end
