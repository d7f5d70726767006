-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 ping4 tcp4 udp4_9
local payloads = {"x", "x", ("x"):rep(65500)}
local held = {}

function target(pkt)
  if #held < #payloads then
    held[#held + 1] = pkt
    return "stolen"
  end
  for i, payload in ipairs(payloads) do
    local sent, message = held[i]:send(payload)
    same("nil string", sent, type(message))
    raises("closed packet", held[i].close, held[i])
  end
  return "accept"
end
