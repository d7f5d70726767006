-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error stack overflow
-- Lua calls nest without C.
local function f() return 1 + f() end
function match()
  f()
end
