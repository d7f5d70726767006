-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that compares a megabyte.
local a = ("a"):rep(1 << 20)
local b = ("a"):rep((1 << 20) - 1) .. "a"
function match()
  while true do local _ = a < b end
end
