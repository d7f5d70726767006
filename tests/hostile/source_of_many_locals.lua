-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: load-error instruction budget exceeded
-- Each name is searched in all functions around.
local names = {}
for i = 1, 199 do names[i] = "a" .. i end
local start = "local " .. table.concat(names, ",") .. " return function() "
load(start:rep(60) .. ("x = y "):rep(100000) .. (" end "):rep(60))
function match() return false end
