-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Exponential.
local s = ("a"):rep(30)
function match()
  while true do s:find(("a?"):rep(30) .. ("a"):rep(30)) end
end
