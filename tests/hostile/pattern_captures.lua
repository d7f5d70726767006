-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A polynomial of degree 20.
local s = ("a"):rep(1 << 18)
function match()
  while true do s:find(("(a*)"):rep(20) .. "b") end
end
