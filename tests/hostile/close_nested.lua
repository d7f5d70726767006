-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: ends
-- Each coroutine closes the next: no count of C calls sees it.
local function f(n)
  local co = coroutine.create(function()
    local x <close> = setmetatable({}, {__close = function() f(n + 1) end})
    coroutine.yield()
  end)
  coroutine.resume(co)
  coroutine.close(co)
end
function match()
  while true do f(1) end
end
