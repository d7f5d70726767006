-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: ping4 ping6 portless4 esp4 long_udp4
function target(pkt)
  local replied, message = pkt:reply("hello")
  same("nil string", replied, type(message))
  return "accept"
end
