-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A C loop over a megabyte of continuation bytes.
local s = "a" .. ("\x80"):rep((1 << 20) - 1)
local f = utf8.codes("", true)
function match()
  while true do pcall(f, s, 1) end
end
