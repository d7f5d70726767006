-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 syn4 rst4 tcp_fragment4 later4 multicast4 bad_checksum4 routed6 ping6 cut_tcp4
-- packets: data_offset4 long_options4
-- That is: no TCP, no ACK, RST, fragments, multicast, a bad checksum, a destination that is not the
-- last, no TCP, headers that are cut off or lie.
function target(pkt)
  local replied, message = pkt:tcpreply("hello")
  same("nil string", replied, type(message))
  return "accept"
end
