-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
-- args: --max-held-packets 1
-- queue: --fail closed
local held = {}

function target(pkt)
  local port = select(6, pkt:tuple())
  held[port] = pkt
  if port == 3 then
    raises("closed packet", held[2].close, held[2])
    same("true", held[1]:close())
  end
  return "stolen"
end
