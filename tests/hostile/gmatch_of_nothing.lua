-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Empty matches.
local s = ("a"):rep(1 << 20)
function match()
  while true do for _ in s:gmatch("") do end end
end
