-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- memchr and memcmp would be quadratic.
local s = ("a"):rep(1 << 20)
local needle = ("a"):rep(1 << 10) .. "b" .. ("a"):rep(1 << 10)
function match()
  while true do s:find(needle, 1, true) end
end
