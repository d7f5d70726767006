-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A chunk's name of a megabyte is compared with the last ones.
local s = ("x"):rep(1 << 20)
function match()
  while true do load("", s) end
end
