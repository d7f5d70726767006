-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: data_offset4 small_data_offset4 long_udp4 short_udp4
function target(pkt)
  local position, message = pkt:payload()
  same("nil string", position, type(message))
  return "accept"
end
