-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- __close is code, too.
function match()
  local x <close> = setmetatable({}, {__close = function() while true do end end})
  while true do end
end
