-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Catching an error looks at every call that is active.
local function deep(n)
  if n == 0 then while true do pcall(error) end end
  return (deep(n - 1))
end
function match()
  deep(1000)
end
