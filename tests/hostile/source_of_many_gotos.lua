-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: load-error instruction budget exceeded
-- The compiler is quadratic.
local source = {}
for i = 1, 50000 do source[i] = "goto a" .. i end
load("do " .. table.concat(source, " ") .. " end")
function match() return false end
