-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: ends
-- Nesting ends in an error, whatever nests.
local t = {}
local function f() return tostring(t) end
setmetatable(t, {__tostring = f})
function match()
  while true do pcall(f) end
end
