-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
function target(pkt)
  if select(6, pkt:tuple()) == 2 then
    local runs = coroutine.wrap(function()
      for i = 1, 3 do coroutine.yield(i) end
    end)
    same("1 2 3", runs(), runs(), runs())
    return "accept"
  end
  while true do
    local co = coroutine.create(function() for _ = 1, 1000 do end end)
    coroutine.resume(co)
    coroutine.close(co)
  end
end
