-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each is a packet, and verifies another.
function match(pkt)
  while true do pkt:reply("x") end
end
