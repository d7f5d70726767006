-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@20
-- only: replay queue (in a kernel the order of one moment is the kernel's)
function target(pkt)
  if select(6, pkt:tuple()) ~= 1 then return "accept" end
  for i = 1, 4 do timer.create(10, function() print(i) end) end
  return "accept"
end
