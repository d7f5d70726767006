-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A polynomial of degree 12.
local s = ("x"):rep(1 << 16)
function match()
  while true do s:find((".-"):rep(12) .. "y") end
end
