-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  local m = memory.create("abcd")
  same("0", pkt:copybytes(m, 37))
  same("0", pkt:copybytes(m, 5, 4))
  same("0", pkt:copybytes(m, 1, -37))
  same("0", pkt:copybytes(m, 1, 4, 5))
  same("0", pkt:copybytes(m, 1, 4, 1 << 40))
  same("0", pkt:copybytes(memory.create()))
  same("0", pkt:copybytes(memory.create(0)))
  same("abcd", m)
  same("4", pkt:copybytes(m, 0))
  same("4", pkt:copybytes(m, -100, 4, 0))
  same("4", pkt:copybytes(m, 1, 4, -100))
  same("69 0 0 36", m:get(1, 4))
  raises("bad argument", pkt.copybytes, pkt)
  raises("bad argument", pkt.copybytes, pkt, "string")
  raises("bad argument", pkt.copybytes, pkt, m, "x")
  raises("bad argument", pkt.copybytes, pkt, m, 1.5)
  return "accept"
end
