-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- strlen of a megabyte, then an error.
local s = ("x"):rep((1 << 20) - 1) .. "\0"
function match()
  while true do pcall(string.pack, "z", s) end
end
