-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A coroutine has no steps of its own.
function match()
  while true do
    pcall(coroutine.wrap(function() for _ = 1, 1 << 40 do end end))
  end
end
