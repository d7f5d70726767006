-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that hashes half a megabyte.
local s = ("x"):rep(1 << 19)
local t = {}
function match()
  while true do local _ = t[s .. "y"] end
end
