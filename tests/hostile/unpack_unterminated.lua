-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- strlen of a megabyte, then an error.
local s = ("x"):rep(1 << 20)
function match()
  while true do pcall(string.unpack, "z", s) end
end
