-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that copies half a megabyte.
local s = ("x"):rep(1 << 19)
function match()
  while true do local _ = s .. "y" end
end
