-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@20
local late, running

function target(pkt)
  if select(6, pkt:tuple()) == 1 then
    local early = timer.create(10, function() print("never") end)
    same("true", timer.destroy(early))
    same("nil timer already destroyed", timer.destroy(early))
    late = timer.create(10, function() print("ran late") end)
    running = timer.create(5, function()
      same("nil timer already destroyed", timer.destroy(running))
      print("ran")
    end)
  else
    same("nil timer already destroyed", timer.destroy(late))
    same("nil timer already destroyed", timer.destroy(running))
  end
  return "accept"
end
