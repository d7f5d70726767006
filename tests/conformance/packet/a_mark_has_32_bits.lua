-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  raises("bad argument", pkt.mark, pkt, -1)
  raises("bad argument", pkt.mark, pkt, 1 << 32)
  raises("bad argument", pkt.mark, pkt, 1, -1)
  raises("bad argument", pkt.mark, pkt, 1, 1 << 32)
  raises("bad argument", pkt.mark, pkt, 1.5)
  raises("bad argument", pkt.mark, pkt, "x")
  same("0", pkt:mark())
  return "accept"
end
