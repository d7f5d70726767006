-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A wrap that dies of the budget runs __close.
local mt = {__close = function() while true do end end}
function match()
  while true do
    pcall(coroutine.wrap(function()
      local x <close> = setmetatable({}, mt)
      while true do end
    end))
  end
end
