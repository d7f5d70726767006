-- SPDX-License-Identifier: GPL-2.0-or-later
-- Tells the listeners of netlink group 1 of each new TCP or UDP connection. No packet is touched.
--
--   nflua replay --json examples/telemetry.lua tests/captures/http.pcap
--   nflua run --hook forward examples/telemetry.lua
--
-- A record, 48 bytes, numbers in network order:
--   1 version (1) · 1 family (4, 6) · 1 protocol · 1 zero · 2 source port · 2 destination port
--   8 seconds since the epoch · 16 source · 16 destination (IPv4: the first 4 bytes, rest zero)
-- Not seen: what conntrack does not track, such as fragments. A connection that was silent for a
-- minute or two is told again. Over 10 000 connections a minute, the log counts what is not told.

local version, group, max_seen, minute_ms = 1, 1, 10000, 60000

local recent, older, seen, untold = {}, {}, 0, 0
local running = false

local function forget_older()
  if untold > 0 then print("packets of connections not told of:", untold) end
  running = seen > 0
  if running then timer.create(minute_ms, forget_older) end
  recent, older, seen, untold = {}, recent, 0, 0
end

local function bytes_of(address)
  return type(address) == "number" and string.pack(">I4", address) or address
end

-- Whether this id is new; remembers it.
local function is_new(id)
  if recent[id] then return false end
  if seen == max_seen then
    untold = untold + 1
    return false
  end
  recent[id] = true
  seen = seen + 1
  return not older[id]
end

function match(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  local id = pkt:connid()
  if not source_port or not id or not is_new(id) then return false end
  if not running then
    timer.create(minute_ms, forget_older)
    running = true
  end
  netlink.send(0, 1 << (group - 1), string.pack(">BBBx I2I2 I8 c16 c16", version, family, protocol,
    source_port, port, (os.time()), bytes_of(source), bytes_of(destination)))
  return false
end
