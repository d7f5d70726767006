-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- 45 00 0024 0000 4000 40 11 .... 0a000001 0a000002 | 1388 0035 0010 .... | question
function target(pkt)
  same("69 2", pkt:unpack("B"))
  same("69 2", pkt:unpack("B", 1))
  same("36 5", pkt:unpack(">I2", 3))
  same("9216 5", pkt:unpack("<I2", 3))
  same("9216 5", pkt:unpack("=H", 3))
  same("167772161 167772162 21", pkt:unpack(">I4I4", 13))
  same("5000 53 16 27", pkt:unpack(">HHH", 21))
  same("question 37", pkt:unpack("c8", 29))
  same("q u 31", pkt:unpack("c1c1", 29))
  same("113 117 31", pkt:unpack("bb", 29))
  same("-120 23", pkt:unpack("b", 22))
  same("29045 31", pkt:unpack(">H", 29))
  same("30065 31", pkt:unpack("<H", 29))
  same("7435621 32", pkt:unpack(">I3", 29))
  same("8175552245109714798 37", pkt:unpack(">j", 29))
  same("8175552245109714798 37", pkt:unpack(">I8", 29))
  return "accept"
end
