-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@100
function target(pkt)
  if select(6, pkt:tuple()) == 2 then return "accept" end
  timer.create(30, function() pkt:send() end)
  return "stolen"
end
