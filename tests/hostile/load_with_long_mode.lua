-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A mode of a megabyte.
local s = ("x"):rep((1 << 20) - 1) .. "t"
function match()
  while true do load("", "=x", s) end
end
