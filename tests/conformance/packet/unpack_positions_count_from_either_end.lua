-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  same("question 37", pkt:unpack("c8", -8))
  same("110 37", pkt:unpack("B", -1))
  same("110 37", pkt:unpack("B", 36))
  same("69 2", pkt:unpack("B", -36))
  same("69 2", pkt:unpack("B", -100))
  same("69 2", pkt:unpack("B", 0))
  same("3", pkt:unpack("", 3))
  same("37", pkt:unpack("", 37))
  return "accept"
end
