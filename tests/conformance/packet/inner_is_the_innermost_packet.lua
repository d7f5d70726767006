-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: gre4 vxlan4 geneve4 ipip4 ipip6 mpls4 nested4
local count = 0

function target(pkt)
  count = count + 1
  if count == 7 then
    local family, protocol, source, sport, destination, dport, position = pkt:inner()
    same("6 17 5000 53", family, protocol, sport, dport)
    same("true 16 16", select(3, pkt:tuple()) ~= source, #source, #destination)
    same("question", (pkt:unpack("c8", position)))
    return "accept"
  end
  local family, protocol, source, sport, destination, dport, position = pkt:inner()
  same("4 6 10.1.0.2 1000 10.2.0.2 80", family, protocol, packet.ntop(source), sport,
       packet.ntop(destination), dport)
  same("GET", (pkt:unpack("c3", position)))
  same(7, select("#", pkt:inner()))
  return "accept"
end
