-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: ends
-- Nesting ends in an error, whatever nests.
local t = {}
local function f() for _ in pairs(t) do end end
setmetatable(t, {__pairs = f})
function match()
  while true do pcall(f) end
end
