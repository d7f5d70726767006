-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- only: replay (live, time goes on)
local runs = 0

local function tick()
  runs = runs + 1
  if runs == 1 then print("ticks") end
  timer.create(0, tick)
end

tick()

function target() return "accept" end
