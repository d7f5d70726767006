-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A name is looked for among 199 upvalues of each of 150 functions.
local names = {}
for i = 1, 199 do names[i] = "a" .. i end
local list = table.concat(names, ",")
local source = "local " .. list .. (" local function f()"):rep(150) .. " local _ = {" .. list .. "} " ..
  ("z = z "):rep(1500) .. (" end"):rep(150)
function match()
  while true do load(source) end
end
