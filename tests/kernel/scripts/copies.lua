-- SPDX-License-Identifier: GPL-2.0-or-later
-- Ways to keep a packet for longer than its hook's call.

local hold_ms = 50
local kept = {}

function stop() return "stop" end
function queue() return "queue", 6 end

function delay(pkt)
  timer.create(hold_ms, function() pkt:send() end)
  return "stolen"
end

function keep(pkt)
  kept[#kept + 1] = pkt
  return "stolen"
end

function send_kept()
  local sent = 0
  for _, pkt in ipairs(kept) do sent = sent + (pkt:send() and 1 or 0) end
  kept = {}
  return sent
end

-- Marks say how often a packet has been here.
function again(pkt)
  local times = pkt:mark()
  if times == 2 then return "accept" end
  pkt:mark(times + 1)
  return "repeat"
end

function answer(pkt) pkt:reply("answer") end

function answer_and_delay(pkt)
  pkt:reply("answer")
  return delay(pkt)
end

function delay_and_answer(pkt)
  timer.create(hold_ms, function()
    pkt:reply("answer")
    timer.create(hold_ms, function() pkt:send() end)
  end)
  return "stolen"
end
