-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp_fragment4 later4 cut_tcp4
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
function target(pkt)
  local replied, message = pkt:tcpreply("hello")
  same("nil string", replied, type(message))
  return "accept"
end
