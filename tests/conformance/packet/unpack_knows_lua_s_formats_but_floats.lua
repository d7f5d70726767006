-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 strings4
-- The second one carries "\3abcdef\0".
function target(pkt)
  if #pkt == 58 then
    for _, format in ipairs({"f", "d", "n", "Bf", "y", "i17", "I0", "c", "!3i4", "Xz"}) do
      raises("", pkt.unpack, pkt, format)
    end
    raises("invalid format option 'f'", pkt.unpack, pkt, "f")
    raises("invalid format option 'd'", pkt.unpack, pkt, "d")
    raises("invalid format option 'n'", pkt.unpack, pkt, "n")
    raises("invalid format option 'y'", pkt.unpack, pkt, "y")
    raises("bad argument", pkt.unpack, pkt)
    raises("bad argument", pkt.unpack, pkt, {})
    raises("bad argument", pkt.unpack, pkt, "B", "x")
    return "accept"
  end
  same("abc 33", pkt:unpack("s1", 29))
  same("abcdef 37", pkt:unpack("z", 30))
  same("3 97 31", pkt:unpack("BB", 29))
  same("3 98 32", pkt:unpack("BxB", 29))
  same("69 16384 9", pkt:unpack(">!4BI4"))
  same("69 9", pkt:unpack("!8 B Xi8"))
  return "accept"
end
