-- SPDX-License-Identifier: GPL-2.0-or-later
-- Replaces a word in TCP payload, in both directions, by one of the same length, or of another.

local word, lower = "SECRET", "secret"

local function replace(pkt, by)
  local _, protocol = pkt:tuple()
  local pos, size = pkt:payload()
  if protocol ~= 6 or not pos or size == 0 or not pkt:find(word, pos) then return end
  local payload = pkt:unpack("c" .. size, pos):gsub(word, by)
  timer.create(0, function() print("sent", pkt:send(payload)) end)
  return "stolen"
end

function same(pkt) return replace(pkt, lower) end
function longer(pkt) return replace(pkt, lower .. "s") end

-- The same, from a memory.
function from_memory(pkt)
  local _, protocol = pkt:tuple()
  local pos, size = pkt:payload()
  if protocol ~= 6 or not pos or size == 0 then return end
  local payload = memory.create(size)
  pkt:copybytes(payload, pos)
  payload:fill("*")
  timer.create(0, function() print("sent", pkt:send(payload)) end)
  return "stolen"
end

-- By one byte more than a message to the kernel can carry of a packet.
function too_long(pkt)
  local _, protocol = pkt:tuple()
  local pos, size = pkt:payload()
  if protocol ~= 6 or not pos or size == 0 then return end
  timer.create(0, function() print("sent", pkt:send(("x"):rep(65532 - (pos - 1)))) end)
  return "stolen"
end

-- Of what is not TCP there is no payload to replace.
function any(pkt)
  timer.create(0, function() print("sent", pkt:send("other")) end)
  return "stolen"
end
