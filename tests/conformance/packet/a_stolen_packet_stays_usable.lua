-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 udp4
local held

function target(pkt)
  if not held then
    held = pkt
    return "stolen"
  end
  same("58", #held)
  same("41 18", held:payload())
  same("GET 44", held:unpack("c3", 41))
  same("45", held:find("/"))
  same("80", (select(6, held:tuple())))
  same("14", #held:frame())
  same("4", held:copybytes(memory.create(4)))
  same("integer", math.type(held:connid()))
  held:close()
  return "accept"
end
