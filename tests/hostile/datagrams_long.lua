-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each byte is written out.
local m = memory.create(60000)
function match()
  while true do pcall(netlink.send, 1, 1, m) end
end
