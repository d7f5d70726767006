-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A loop.
function match()
  local function f() return f() end f()
end
