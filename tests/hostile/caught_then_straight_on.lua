-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- After the error was caught: dear instructions without a jump between.
local a = ("a"):rep(1 << 20)
local b = ("a"):rep((1 << 20) - 1) .. "a"
local body = ("local _ = a == b; _ = a < b; _ = t[b]; _ = a .. b; "):rep(150)
local f = load("local a, b, t = ... pcall(function() while true do end end) " .. body)
local t = {[a] = 1}
function match()
  f(a, b, t)
end
