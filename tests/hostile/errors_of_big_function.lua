-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An error message looks for a variable's name through the code.
local f = load(("local _ = 1 "):rep(190) .. ("x = 1 "):rep(1000) .. "local t = {} t.x.y = 1")
function match()
  while true do pcall(f) end
end
