-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- coroutine.close runs __close.
local mt = {__close = function() while true do end end}
function match()
  while true do
    local co = coroutine.create(function()
      local x <close> = setmetatable({}, mt)
      local y <close> = setmetatable({}, mt)
      coroutine.yield()
    end)
    coroutine.resume(co)
    coroutine.close(co)
  end
end
