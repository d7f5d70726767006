-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Quadratic.
local s = ("("):rep(1 << 19)
function match()
  while true do s:find("%b()") end
end
