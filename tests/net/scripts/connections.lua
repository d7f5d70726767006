-- SPDX-License-Identifier: GPL-2.0-or-later
-- Says which connection each packet belongs to, by its id and by a search for its addresses.

local names = { [6] = "tcp", [17] = "udp" }

local function endpoints(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  if not names[protocol] then return nil end
  return family, names[protocol], packet.ntop(source), source_port, packet.ntop(destination), port
end

-- Discovery of neighbours and of listeners (MLD), which conntrack leaves alone.
local function is_discovery(pkt, protocol)
  local pos, size = pkt:payload()
  local kind = protocol == 58 and size > 0 and pkt:unpack("B", pos)
  return kind and (kind >= 130 and kind <= 137 or kind == 143)
end

function target(pkt)
  local family, protocol = pkt:tuple()
  if is_discovery(pkt, protocol) then return end
  local found = endpoints(pkt) and conn.find(endpoints(pkt))
  print(("family=%d protocol=%d id=%s found=%s"):format(family, protocol, pkt:connid(), found))
end

-- Both directions' counters, from the tuple of either.
function traffic(pkt)
  if not endpoints(pkt) then return end
  local family, protocol, source, source_port, destination, port = endpoints(pkt)
  print("both", conn.traffic(family, protocol, source, source_port, destination, port, "both"))
end

function untracked(pkt)
  print(pkt:connid())
end
