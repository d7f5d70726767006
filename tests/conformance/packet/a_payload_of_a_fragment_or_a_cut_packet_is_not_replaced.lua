-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp_fragment4 cut_payload4 udp4_9
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
local held = {}

function target(pkt)
  if #held < 2 then
    held[#held + 1] = pkt
    return "stolen"
  end
  for _, packet in ipairs(held) do
    local sent, message = packet:send("x")
    same("nil string", sent, type(message))
  end
  return "accept"
end
