-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A format of a megabyte.
local s = ("%%"):rep(1 << 19)
function match()
  while true do s:format() end
end
