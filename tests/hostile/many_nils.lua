-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that sets 190 registers.
local names = {}
for i = 1, 190 do names[i] = "a" .. i end
local f = load("while true do do local " .. table.concat(names, ",") .. " end end")
function match()
  f()
end
