-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@20
function target(pkt)
  if select(6, pkt:tuple()) ~= 1 then return "accept" end
  timer.create(1, function() error("late words") end)
  timer.create(2, function() while true do end end)
  timer.create(3, function() coroutine.yield() end)
  timer.create(4, function() error({}) end)
  timer.create(5, function() print("still at work") end)
  return "accept"
end
