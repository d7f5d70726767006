-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A C loop over a megabyte.
local s = ("x"):rep(1 << 20)
function match()
  while true do s:upper() end
end
