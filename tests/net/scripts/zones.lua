-- SPDX-License-Identifier: GPL-2.0-or-later
-- Looks for the connection of each UDP packet by the packet's own tuple.

local function search(family, source, source_port, destination, port)
  local from, to = packet.ntop(source), packet.ntop(destination)
  local packets = conn.traffic(family, "udp", from, source_port, to, port, "original")
  return conn.find(family, "udp", from, source_port, to, port), packets
end

function target(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  if protocol ~= 17 or source_port ~= 4700 and port ~= 4700 then return end
  local found, packets = search(family, source, source_port, destination, port)
  print(("packet family=%d id=%s found=%s packets=%s"):format(family, pkt:connid(), found, packets))
  timer.create(0, function()
    print(("timer family=%d found=%s"):format(family,
      (search(family, source, source_port, destination, port))))
  end)
end
