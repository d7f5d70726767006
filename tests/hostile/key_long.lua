-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A lookup that compares a megabyte.
local a = ("a"):rep(1 << 20)
local b = ("a"):rep((1 << 20) - 1) .. "a"
local t = {[a] = 1}
function match()
  while true do local _ = t[b] end
end
