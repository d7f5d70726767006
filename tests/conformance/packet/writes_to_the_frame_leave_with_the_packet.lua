-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- only: replay (a rebuilt header's writes go nowhere)
function target(pkt)
  pkt:frame():set(1, 2, 0, 0, 0, 0, 3)
  return "accept"
end
