-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp4@100
local ticks = 0
local function tick()
  ticks = ticks + 1
  print(ticks)
  if ticks < 3 then timer.create(10, tick) end
end

function target()
  if ticks == 0 then timer.create(10, tick) end
  return "accept"
end
