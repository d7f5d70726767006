-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: ends
-- The compiler is quadratic.
local source = {}
for i = 1, 60000 do source[i] = "::a" .. i .. "::" end
load(table.concat(source))
function match() return false end
