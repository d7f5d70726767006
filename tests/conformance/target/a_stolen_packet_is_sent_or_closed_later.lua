-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4
local held = {}

function target(pkt)
  local port = select(6, pkt:tuple())
  if port <= 2 then
    held[port] = pkt
    return "stolen"
  elseif port == 3 then
    same("true", held[1]:send())
  else
    same("true", held[2]:close())
  end
  return "accept"
end
