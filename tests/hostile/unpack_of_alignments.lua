-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A format of 512 items without a value.
local format = ("Xb"):rep(512)
local m = memory.create(8)
function match()
  while true do m:unpack(format) end
end
