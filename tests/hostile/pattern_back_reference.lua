-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Cubic.
local s = ("a"):rep(1 << 18)
function match()
  while true do s:find("(a*)%1b") end
end
