-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A message handler would run after the budget.
function match()
  xpcall(function() while true do end end, function() while true do end end)
  while true do end
end
