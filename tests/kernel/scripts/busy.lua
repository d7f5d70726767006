-- SPDX-License-Identifier: GPL-2.0-or-later
-- Does all that leaves something behind: held packets, timers, replies, datagrams, memory.
kept, seen = {}, 0

function target(pkt)
  seen = seen + 1
  pcall(netlink.send, 0, 1, tostring(pkt))
  if seen % 7 == 0 then pcall(pkt.reply, pkt, "told you") end
  if seen % 5 == 0 then timer.create(seen % 50, function() kept[#kept] = nil end) end
  if seen % 3 == 0 then
    kept[#kept + 1] = pkt
    timer.create(seen % 20, function() pkt:send() end)
    return "stolen"
  end
  if seen % 11 == 0 then return "repeat" end
  if seen % 13 == 0 then return "stop" end
  memory.create(seen % 1000)
  return "accept"
end

function match(pkt)
  return pkt:find("never there") ~= nil
end
