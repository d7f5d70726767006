-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Errors raised under a deep stack.
local function f(n)
  if n > 0 then return 1 + f(n - 1) end
  while true do pcall(error, "x", 8) end
end
function match()
  f(180)
end
