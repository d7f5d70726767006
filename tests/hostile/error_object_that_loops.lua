-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- __tostring of an error's object is code, too.
function match()
  error(setmetatable({}, {__tostring = function() while true do end end}))
end
