-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- t.__call is t: each try moves the arguments.
local t = {}
t.__call = t
setmetatable(t, t)
function match()
  while true do pcall(t) end
end
