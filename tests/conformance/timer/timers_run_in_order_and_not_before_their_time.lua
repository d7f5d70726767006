-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@21 udp4_3@1001
function target(pkt)
  if select(6, pkt:tuple()) ~= 1 then return "accept" end
  timer.create(1000, function() print("third") end)
  timer.create(10, function() print("first") end)
  timer.create(20, function() print("second") end)
  timer.create(0, function() print("at once, but after the callback") end)
  print("in the callback")
  return "accept"
end
