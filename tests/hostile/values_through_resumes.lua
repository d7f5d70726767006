-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A resume moves 1200 values.
local t = {}
for i = 1, 1200 do t[i] = i end
function match()
  local co = coroutine.wrap(function(...)
    local function again(...) return again(coroutine.yield(...)) end
    again(...)
  end)
  local function pass(...) return pass(co(...)) end
  pass(table.unpack(t))
end
