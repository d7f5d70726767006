-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: first4 later4 cut_ports4
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
function target(pkt)
  local replied, message = pkt:reply("hello")
  same("nil string", replied, type(message))
  return "accept"
end
