-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A number of a megabyte.
local s = ("0"):rep(1 << 20)
function match()
  while true do packet.pton(s) end
end
