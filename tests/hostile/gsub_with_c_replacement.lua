-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Neither pattern nor replacement are Lua code.
local s = ("a"):rep(1 << 20)
function match()
  s:gsub("a", string.upper)
end
