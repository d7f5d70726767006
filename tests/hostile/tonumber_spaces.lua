-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A megabyte of spaces.
local s = (" "):rep(1 << 20)
function match()
  while true do tonumber(s, 10); tonumber(s) end
end
