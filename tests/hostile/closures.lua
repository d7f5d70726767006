-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Closures with 60 upvalues.
local names, uses = {}, {}
for i = 1, 60 do names[i] = "a" .. i end
local f = load("local " .. table.concat(names, ",") .. " while true do local _ = function() return " .. table.concat(names, ",") .. " end end")
function match()
  f()
end
