-- SPDX-License-Identifier: GPL-2.0-or-later
-- Ways to hold a packet. Only those that carry payload are held, so that a handshake is quick.

local hold_ms = 200
local kept = {}

local function has_payload(pkt)
  local _, size = pkt:payload()
  return (size or 0) > 0
end

-- Sends it after a while.
function delay(pkt)
  if not has_payload(pkt) then return end
  timer.create(hold_ms, function() print("sent", pkt:send()) end)
  return "stolen"
end

-- The same with every packet, the first one of its connection included.
function delay_all(pkt)
  timer.create(1, function() print("sent", pkt:send()) end)
  return "stolen"
end

-- Closes it after a while: the peer sends again, and that one passes.
local closed = false
function close_first(pkt)
  if closed or not has_payload(pkt) then return end
  closed = true
  timer.create(hold_ms, function() print("closed", pkt:close()) end)
  return "stolen"
end

-- Holds it until nflua ends.
function keep(pkt)
  if not has_payload(pkt) then return end
  kept[#kept + 1] = pkt
  return "stolen"
end

-- A handshake's, too.
function keep_all(pkt)
  kept[#kept + 1] = pkt
  return "stolen"
end

function kept_packets() return kept end

-- Sends all of them. How many went well.
function send_kept()
  local sent = 0
  for _, pkt in ipairs(kept) do sent = sent + (pkt:send() and 1 or 0) end
  kept = {}
  return sent
end

local met = 0
function keep_every_third(pkt)
  met = met + 1
  return met % 3 == 0 and keep(pkt) or "accept"
end

-- Steals it and forgets it: the collector, which has something to do here, closes it.
function abandon(pkt)
  if not has_payload(pkt) then return "accept" end
  waste = ("x"):rep(100000) .. #pkt
  return "stolen"
end

-- Sends all that is held, the last one first.
function reorder(pkt)
  if not has_payload(pkt) then return end
  kept[#kept + 1] = pkt
  if #kept == 3 then
    timer.create(0, function()
      for index = #kept, 1, -1 do kept[index]:send() end
    end)
  end
  return "stolen"
end
