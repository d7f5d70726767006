-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A full collection per call, were it granted.
function match()
  while true do pcall(collectgarbage) end
end
