-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 tcp6 ping4 udp4_9
local held = {}

function target(pkt)
  if #held < 3 then
    held[#held + 1] = pkt
    return "stolen"
  end
  for _, stolen in ipairs(held) do
    same("true", stolen:send())
    raises("closed packet", stolen.send, stolen)
  end
  raises("packet must be stolen", pkt.send, pkt)
  return "drop"
end
