-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Refused for its size, again and again.
local s = ("x"):rep(1 << 19)
function match()
  while true do pcall(function() return s .. s .. s end) end
end
