-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A megabyte of digits.
local s = ("1"):rep(1 << 20)
function match()
  while true do local _ = s + 1 end
end
