-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Resumes.
function match()
  local co = coroutine.wrap(function() while true do coroutine.yield() end end)
  while true do co() end
end
