-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: ends
-- Nesting ends in an error, whatever nests.
local function f() return load(f) end
function match()
  while true do pcall(f) end
end
