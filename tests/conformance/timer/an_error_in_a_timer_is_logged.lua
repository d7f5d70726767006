-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@100
function target(pkt)
  if select(6, pkt:tuple()) ~= 1 then return "accept" end
  timer.create(10, function() error("late words") end)
  timer.create(20, function() while true do end end)
  timer.create(30, function() coroutine.yield() end)
  timer.create(40, function() error({}) end)
  timer.create(50, function() print("still at work") end)
  return "accept"
end
