-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp6 extended6 udp6
-- 6000 0000 0010 11 40 2001:db8::1 2001:db8::2 | 1388 0035 0010 .... | question
local held

function target(pkt)
  if #pkt ~= 56 then
    same("77 18", pkt:payload())
    same("77", pkt:find("GET "))
    held = pkt
    return "stolen"
  end
  same("16 17 64 9", pkt:unpack(">I2BB", 5))
  same("5000 53 16 47", pkt:unpack(">HHH", 41))
  same("question 57", pkt:unpack("c8", -8))
  raises("payload too short", pkt.unpack, pkt, "c9", -8)
  same("49", pkt:find("question"))
  same("nil", pkt:find("question", 50))
  local m = memory.create(8)
  same("8", pkt:copybytes(m, -8))
  same("question", m)
  same("4", pkt:copybytes(m, 9, 12))
  same("32 1 13 184", m:get(1, 4))
  same("5", pkt:mark(5))
  if held then
    same("true", held:close())
    raises("closed packet", held.payload, held)
  end
  return "accept"
end
