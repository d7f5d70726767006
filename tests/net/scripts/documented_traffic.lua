-- SPDX-License-Identifier: GPL-2.0-or-later
-- The example of the original documentation, run when a packet asks for it at port 9.

function target(pkt)
  local _, _, _, _, _, port = pkt:tuple()
  if port ~= 9 then return end

  local p1, b1 = conn.traffic(4, "udp", "192.168.1.100", 8080, "8.8.8.8", 22, 'original')
  local p2, b2 = conn.traffic(4, "udp", "10.0.0.38", 8080, "8.8.8.8", 22, 'original')
  local p3, b3 = conn.traffic(4, "udp", "8.8.8.8", 22, "10.0.0.38", 8080, 'reply')
  local p4, b4 = conn.traffic(4, "udp", "8.8.8.8", 22, "192.168.1.100", 8080, 'reply')

  print("p1", p1, b1)
  print("p2", p2, b2)
  print("p3", p3, b3)
  print("p4", p4, b4)
  assert(p1 == p3)
  assert(b1 == b3)
  assert(p2 == nil)
  assert(p4 == nil)
  print("as documented")
  return "drop"
end
