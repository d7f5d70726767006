-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
function match()
  while true do pcall(timer.create, 1, print) end
end
