-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Threads are large.
function match()
  while true do coroutine.create(match) end
end
