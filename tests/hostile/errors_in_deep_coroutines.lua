-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The same, with stacks that are long out of the processor's cache.
local function deep(n)
  if n == 0 then while true do pcall(error) coroutine.yield() end end
  return (deep(n - 1))
end
local deeps = {}
for i = 1, 300 do
  deeps[i] = coroutine.wrap(deep)
  deeps[i](1000)
end
function match()
  while true do for i = 1, 300 do deeps[i]() end end
end
