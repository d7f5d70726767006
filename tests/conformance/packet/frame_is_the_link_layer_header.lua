-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp6
function target(pkt)
  local frame = pkt:frame()
  same("other 14", memory.type(frame), #frame)
  assert(rawequal(frame, pkt:frame()), "another object")
  same("2 0 0 0 0 2", frame:get(1, 6))
  local ether_type = pkt:unpack("B") < 0x60 and "8 0" or "134 221"
  same(ether_type, frame:get(13, 14))
  return "accept"
end
