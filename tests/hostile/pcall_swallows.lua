-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The error is caught, and on it goes.
function match()
  while true do pcall(function() while true do end end) end
end
