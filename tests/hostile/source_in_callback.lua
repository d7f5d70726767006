-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Compiling, again and again.
local source = ("local x if x == 0 then " .. ("elseif x == 1 then "):rep(800) .. "end")
function match()
  while true do load(source) end
end
