-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
local held

function target(pkt)
  raises("packet must be stolen", pkt.close, pkt)
  if not held then
    held = pkt
    return "stolen"
  end
  same("true", held:close())
  raises("closed packet", held.close, held)
  raises("closed packet", held.tuple, held)
  same("packet (closed)", held)
  return "accept"
end
