-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A thousand bytes of padding.
local format = ("x"):rep(1024)
local m = memory.create(2000)
function match()
  while true do m:pack(format, 1) end
end
