-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The host writes a long line.
local s = ("x"):rep(1 << 20)
function match()
  while true do print(s, s, s) end
end
