-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
function target(pkt)
  local port = select(6, pkt:tuple())
  if port == 1 then return "drop" end
  if port == 2 then return "queue" end
  same("nil connid entry not found", conn.find(4, "udp", "10.0.0.1", 5000, "10.0.0.2", 1))
  same("nil connid entry not found",
       conn.traffic(4, "udp", "10.0.0.1", 5000, "10.0.0.2", 1, "both"))
  return "accept"
end
