-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Two thousand pending __close.
local mt = {__close = function() while true do end end}
local function f(n)
  local x <close> = setmetatable({}, mt)
  if n > 0 then f(n - 1) end
  while true do end
end
function match()
  while true do pcall(f, 600) end
end
