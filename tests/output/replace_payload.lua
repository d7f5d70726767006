-- SPDX-License-Identifier: GPL-2.0-or-later
-- Holds every TCP packet that carries payload and sends it with another one: as long, longer, and
-- shorter in turn. Lengths and checksums are the datapath's to set.

local turns, turn = { 0, 7, -1 }, 0

function target(pkt)
  local _, protocol, _, port = pkt:tuple()
  local pos, size = pkt:payload()
  if protocol ~= 6 or not port or not pos or size == 0 then return end
  turn = turn % #turns + 1
  local payload = ("x"):rep(math.max(size + turns[turn], 1))
  timer.create(1, function() pkt:send(payload) end)
  return "stolen"
end
