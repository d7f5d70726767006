-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A C loop through the registry.
function match()
  while true do pcall(require, "nothing") end
end
