-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: load-error instruction budget exceeded
-- The compiler is quadratic.
load("local x if x == 0 then " .. ("elseif x == 1 then "):rep(50000) .. "end")
function match() return false end
