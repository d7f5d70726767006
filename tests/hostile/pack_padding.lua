-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A format of a megabyte that takes no values.
local s = ("x"):rep(1 << 20)
function match()
  while true do string.packsize(s) end
end
