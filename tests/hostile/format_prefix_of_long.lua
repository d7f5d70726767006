-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- strlen of a megabyte, of which one byte is shown.
local s = ("x"):rep(1 << 20)
function match()
  while true do string.format("%.1s", s) end
end
