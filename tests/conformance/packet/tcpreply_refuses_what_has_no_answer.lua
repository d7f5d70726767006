-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 syn4 rst4 bad_checksum4 routed6 ping6 data_offset4
-- That is: no TCP, no ACK, RST, a bad checksum, a destination that is not the last, no TCP, a header
-- that lies.
function target(pkt)
  local replied, message = pkt:tcpreply("hello")
  same("nil string", replied, type(message))
  return "accept"
end
