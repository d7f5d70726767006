-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: multicast4
-- only: replay (a router passes on no multicast that is not routed)
function target(pkt)
  local replied, message = pkt:tcpreply("hello")
  same("nil string", replied, type(message))
  return "accept"
end
