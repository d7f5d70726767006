-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  raises("payload too short", pkt.unpack, pkt, "B", 37)
  raises("payload too short", pkt.unpack, pkt, "I4", 34)
  raises("payload too short", pkt.unpack, pkt, "c9", 29)
  raises("payload too short", pkt.unpack, pkt, "I4", -3)
  raises("bad argument", pkt.unpack, pkt, "", 38)
  raises("bad argument", pkt.unpack, pkt, "B", 1 << 40)
  raises("payload too short", pkt.unpack, pkt, "c36c1")
  return "accept"
end
