-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A C loop that pushes 3000 values.
local s = ("x"):rep(3000)
function match()
  while true do s:byte(1, -1) end
end
