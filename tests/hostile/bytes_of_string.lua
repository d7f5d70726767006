-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A C loop that pushes 1200 values.
local s = ("x"):rep(1200)
function match()
  while true do s:byte(1, -1) end
end
