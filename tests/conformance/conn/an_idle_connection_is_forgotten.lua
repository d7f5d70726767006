-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp4_9@3600000
-- only: replay (an hour passes)
function target(pkt)
  if select(6, pkt:tuple()) == 9 then
    same("nil connid entry not found", conn.find(4, "udp", "10.0.0.1", 5000, "10.0.0.2", 53))
  end
  return "accept"
end
