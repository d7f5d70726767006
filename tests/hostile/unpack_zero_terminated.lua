-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- strlen of a megabyte.
local s = ("x"):rep((1 << 20) - 1) .. "\0"
function match()
  while true do string.unpack("z", s) end
end
