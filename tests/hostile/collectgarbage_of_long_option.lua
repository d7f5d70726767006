-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- strlen of a megabyte.
local s = ("x"):rep(1 << 20)
function match()
  while true do pcall(collectgarbage, s) end
end
