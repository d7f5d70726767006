-- SPDX-License-Identifier: GPL-2.0-or-later
-- Holds the first packets of each TCP connection for 50 ms, then lets them go on in their order.
--
--   nflua replay -w out.pcap examples/hold_and_release.lua tests/captures/http.pcap
--   nflua run --hook forward examples/hold_and_release.lua
--
-- The place for a decision that takes time: `release` is where it would be known, and pkt:close()
-- instead of pkt:send() would refuse the connection. Of a connection, 16 packets are held at most
-- (the next one releases them and goes behind them); beyond 64 connections, more pass at once.
-- Not held: connections that conntrack knows already.

local hold_ms, max_packets, max_waiting, tcp = 50, 16, 64, 6

local held = {} -- connection → its held packets
local waiting = 0

local function release(connection)
  local packets = held[connection]
  if not packets then return end
  held[connection] = nil
  waiting = waiting - 1
  for _, pkt in ipairs(packets) do
    -- send() raises for a packet whose 'stolen' was refused: it has passed already.
    local ours, sent, message = pcall(pkt.send, pkt)
    if ours and not sent then print("lost a held packet:", message) end
  end
end

-- One name for both directions, and whether conntrack knows the connection.
local function connection_of(family, source, source_port, destination, port)
  local from, to = packet.ntop(source), packet.ntop(destination)
  local a, b = from .. " " .. source_port, to .. " " .. port
  local is_known = conn.find(family, "tcp", from, source_port, to, port) ~= nil
  return a < b and a .. " " .. b or b .. " " .. a, is_known
end

-- Begins to hold a connection.
local function hold(connection)
  held[connection] = {}
  waiting = waiting + 1
  timer.create(hold_ms, function() release(connection) end)
end

function target(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  if protocol ~= tcp or not port or source_port == 0 or port == 0 then return end
  local connection, is_known = connection_of(family, source, source_port, destination, port)
  if not held[connection] then
    if is_known or waiting == max_waiting then return end
    hold(connection)
  end
  local packets = held[connection]
  if #packets == max_packets then return release(connection) end
  packets[#packets + 1] = pkt
  return "stolen"
end
