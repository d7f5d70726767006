-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The error is caught at each of 150 levels.
local function f(n)
  if n > 0 then pcall(f, n - 1) end
  while true do end
end
function match()
  while true do pcall(f, 150) end
end
