-- SPDX-License-Identifier: GPL-2.0-or-later
-- Blocks TLS connections whose ClientHello asks for a listed server name, or for a name below one.
--
--   nflua replay examples/sni_block.lua tests/captures/tls.pcap
--   nflua run --hook forward examples/sni_block.lua
--
-- The hello is put together from all the segments and records that it comes in, in any order. The
-- segment that completes it is dropped, and so is what comes later in its connection, both ways: TCP
-- sends again what was lost, cut in other places, so that to drop one packet blocks nothing. What
-- comes before passes, as no server answers half a hello.
--
-- What can't be judged is blocked as well, with a line in the log: a byte that comes twice and
-- differs, lengths that lie, a hello over 16 KiB, or cut by --snaplen. So are, without a line, hellos
-- that are not whole after minutes, as when a part passed while the queue was full (--fail open).
-- UDP to port 443 is dropped, so that browsers use TCP and not QUIC, whose hello this doesn't read.
-- With quic_port = nil it passes; then let the firewall do it:
--   nft add rule inet filter forward udp dport 443 drop
--
-- Give it whole packets from the SYN on: no --tcp-payload, no short --snaplen. Not caught: a hello
-- without a name; the inner name of ECH; hellos in IP fragments where nothing reassembles them
-- (replay: --defrag). Two connections with the same addresses and ports, in two zones of conntrack,
-- are taken for one.

local blocked_names = { ["blocked.example"] = true }
local quic_port = 443

local tcp, udp, fragment, authentication, syn, syn_ack = 6, 17, 44, 51, 0x02, 0x12
local handshake, client_hello, server_name, max_name = 22, 1, 0, 255
local max_hello_bytes, max_records, max_extensions = 16384, 300, 128

-- ClientHello ------------------------------------------------------------------------------------

local function is_blocked(name)
  if #name > max_name then return false end
  name = name:lower():gsub("%.$", "")
  while name do
    if blocked_names[name] then return true end
    name = name:match("%.(.+)$")
  end
  return false
end

-- Whether bytes, however few, may be the beginning of a hello's first record.
local function is_beginning(bytes)
  local kind, major, _, _, _, message = bytes:byte(1, 6)
  return (kind or handshake) == handshake and (major or 3) == 3 and
    (message or client_hello) == client_hello
end

-- The message in the records that bytes begin with (RFC 8446 section 5.1), and the number of bytes
-- that it takes. If it is not whole: nil and how many bytes are needed at least. False: no hello.
local function message_in(bytes)
  local parts, head, have, pos = {}, "", 0, 1
  for _ = 1, max_records do
    if #bytes < pos + 4 then return nil, pos + 4 end
    local kind, major, size = string.unpack(">B B x I2", bytes, pos)
    assert(kind == handshake and major == 3, "a record within it that is none of it")
    local part = bytes:sub(pos + 5, pos + 4 + size)
    parts[#parts + 1], have, pos = part, have + #part, pos + 5 + size
    if #head < 4 then head = (head .. part):sub(1, 4) end
    if (head:byte() or client_hello) ~= client_hello then return false end
    local need = #head == 4 and 4 + string.unpack(">I3", head, 2) or 4
    assert(need <= max_hello_bytes, "too long")
    if need > 4 and have >= need then return table.concat(parts):sub(1, need), pos - 1 end
    if #part < size then return nil, #bytes + need - have end
  end
  error("too many records", 0)
end

-- The first name in a message that is on the list, or nil (RFC 8446 section 4.1.2, RFC 6066 section
-- 3). string.unpack raises if a field runs past the end: the message lies.
local function blocked_name_in(message)
  local _, _, _, pos = string.unpack(">s1 s2 s1", message, 39) -- session, ciphers, compression
  if pos > #message then return nil end
  local extensions = string.unpack(">s2", message, pos)
  pos = 1
  for _ = 1, max_extensions do
    if pos > #extensions then return nil end
    local kind, extension
    kind, extension, pos = string.unpack(">I2 s2", extensions, pos)
    if kind == server_name then
      local name = string.unpack(">s2", extension, 4)
      if is_blocked(name) then return name end
    end
  end
  error("too many extensions", 0)
end

-- What follows from the first bytes of a stream: "pass" and of how many of them, "block" and why if
-- they can't be judged, "more" and how many are needed at least, "other" if it is no hello.
local function judge(bytes)
  if not is_beginning(bytes) then return "other" end
  local ok, message, size = pcall(message_in, bytes)
  if not ok then return "block", message end
  if message == false then return "other" end
  if not message then return "more", size end
  local parsed, name = pcall(blocked_name_in, message)
  if not parsed then return "block", name end
  if name then return "block" end
  return "pass", size
end

-- Memory -----------------------------------------------------------------------------------------

-- A state has 64 MiB in a process and 1 MiB in the kernel.
local function is_roomy()
  local probe <close> = memory.create()
  return pcall(probe.resize, probe, 16 << 20)
end
local max_flows, max_blocked, max_streams, max_kept_bytes = 2000, 1000, 100, 128 << 10
if is_roomy() then
  max_flows, max_blocked, max_streams, max_kept_bytes = 40000, 10000, 2000, 4 << 20
end
local max_pieces, max_early = 256, 4
local piece_cost, stream_cost = 128, 512 -- the bytes that Lua needs beside the data
local period_ms, max_lines = 150000, 100 -- TCP sends again after 120 s at most

local lines = 0

local function say(...)
  lines = lines + 1
  if lines <= max_lines then print(...) end
end

-- A table that forgets what was not asked for in one to two periods; when it is full, sooner.
local function forgetful(what, max, on_forget)
  local recent, older, count = {}, {}, 0
  local self = {}

  -- Whether anything is left.
  function self.rotate()
    local forgotten = older
    recent, older, count = {}, recent, 0
    for key, value in pairs(on_forget and forgotten or {}) do on_forget(key, value) end
    return next(older) ~= nil or next(recent) ~= nil
  end

  function self.set(key, value)
    if older[key] ~= nil then older[key] = nil end
    local change = (value ~= nil and 1 or 0) - (recent[key] ~= nil and 1 or 0)
    if change > 0 and count == max then
      say("more than", max, what, "at a time: the oldest are forgotten")
      self.rotate()
    end
    recent[key], count = value, count + change
  end

  function self.get(key)
    local value = recent[key]
    if value ~= nil then return value end
    value = older[key]
    if value ~= nil then self.set(key, value) end
    return value
  end

  return self
end

-- A flow is a direction of a connection, its key the four of addresses and ports. For each,
--   flows     an integer: the number of its first byte (low 32 bits), and how many bytes were judged
--             "unclear": it may begin anywhere, or have begun · "plain": no hello was at its
--             beginning · "server": nobody looks for one
--   streams   what came of its hello so far
--   blocked   where the hello began that was blocked
local flows, blocked = forgetful("flows", max_flows), forgetful("blocked flows", max_blocked)
local low_32, kept_bytes = 0xffffffff, 0

local function block(key, reverse, start)
  flows.set(key, nil)
  flows.set(reverse, nil)
  blocked.set(key, start)
  blocked.set(reverse, start)
end

local streams = forgetful("unfinished hellos", max_streams, function(key, stream)
  kept_bytes = kept_bytes - stream.cost
  if stream.is_sure then block(key, stream.reverse, stream.origin) end
end)

local function close(key)
  local stream = streams.get(key)
  if not stream then return end
  kept_bytes = kept_bytes - stream.cost
  streams.set(key, nil)
end

local is_ticking = false

local function tick()
  if lines > max_lines then print("lines left out:", lines - max_lines) end
  lines = 0
  local any_flow, any_blocked, any_stream = flows.rotate(), blocked.rotate(), streams.rotate()
  is_ticking = any_flow or any_blocked or any_stream
  if is_ticking then timer.create(period_ms, tick) end
end

-- Streams ----------------------------------------------------------------------------------------

-- The difference of two sequence numbers.
local function distance(from, to) return ((to - from + (1 << 31)) & low_32) - (1 << 31) end

local function key_of(family, source, source_port, destination, port)
  local format = family == 4 and ">I4 I2 I4 I2" or ">c16 I2 c16 I2"
  return string.pack(format, source, source_port, destination, port)
end

-- Adds bytes to pieces, which are sorted and have gaps between them. False if a byte that is there
-- already differs.
local function add(pieces, at, bytes)
  local i = 1
  while pieces[i] and pieces[i].at + #pieces[i].bytes < at do i = i + 1 end
  while pieces[i] and pieces[i].at <= at + #bytes do
    local piece = table.remove(pieces, i)
    local low_at, low, high_at, high = at, bytes, piece.at, piece.bytes
    if high_at < low_at then low_at, low, high_at, high = high_at, high, low_at, low end
    local common = low:sub(high_at - low_at + 1, high_at - low_at + #high)
    if common ~= high:sub(1, #common) then return false end
    at, bytes = low_at, low .. high:sub(#common + 1)
  end
  table.insert(pieces, i, { at = at, bytes = bytes })
  return true
end

-- The bytes from a place on up to the first gap.
local function bytes_from(pieces, at)
  for _, piece in ipairs(pieces) do
    if piece.at > at then break end
    if piece.at + #piece.bytes > at then return piece.bytes:sub(at - piece.at + 1) end
  end
  return ""
end

-- A stream for a segment of this size that begins with these bytes; nil if it needs no judgement.
local function open(flow, sequence, size, first_bytes)
  local stream = { pieces = {}, cost = stream_cost, need = 0, origin = sequence, is_sure = size >= 6 }
  if math.type(flow) == "integer" then
    local start, judged = flow & low_32, flow >> 32
    local at = distance(start, sequence)
    if judged == 0 or at < judged and at + size > 0 then -- the latter: sent again, judged again
      stream.origin, stream.begins_at = start, 0
      stream.is_sure = judged == 0
      return stream
    end
  end
  if is_beginning(first_bytes) then
    stream.begins_at = 0
  elseif flow == nil or flow == "unclear" then -- a few that may have overtaken the first one
    stream.is_sure, stream.wait_for = false, max_early
  else
    return nil
  end
  return stream
end

-- Puts a segment into its stream. A verdict if that says it already, nil to go on.
local function put(stream, sequence, bytes)
  local at = distance(stream.origin, sequence)
  if stream.begins_at == 0 and at < 0 then -- the server has passed that
    bytes, at = bytes:sub(1 - at), 0
  end
  if bytes == "" or at < -max_hello_bytes or at >= max_hello_bytes then return "misplaced" end
  if not stream.begins_at then
    if is_beginning(bytes) then stream.begins_at = at else stream.wait_for = stream.wait_for - 1 end
  end
  if not add(stream.pieces, at, bytes:sub(1, max_hello_bytes - at)) then
    return "block", "a byte came twice and differs"
  end
  if #stream.pieces > max_pieces then return "block", "too many pieces" end
end

local function charge(stream)
  local cost = stream_cost + #stream.pieces * piece_cost
  for _, piece in ipairs(stream.pieces) do cost = cost + #piece.bytes end
  kept_bytes, stream.cost = kept_bytes + cost - stream.cost, cost
end

local function judge_stream(stream, sequence, bytes)
  local verdict, detail = put(stream, sequence, bytes)
  if verdict then return verdict, detail end
  charge(stream)
  if not stream.begins_at then
    if stream.wait_for > 0 then return "more", 0 end
    return "other"
  end
  local have = bytes_from(stream.pieces, stream.begins_at)
  if #have < stream.need then return "more", stream.need end
  verdict, detail = judge(have)
  if verdict == "more" and detail > max_hello_bytes then return "block", "too long" end
  return verdict, detail
end

-- Whether there is less of a packet than was sent.
local function is_cut(pkt, family)
  if family == 4 then return pkt:unpack(">I2", 3) > #pkt end
  return pkt:unpack(">I2", 5) + 40 > #pkt
end

-- Adds a segment to its stream, which ends when it can be judged. Whether to drop the segment.
local function read(pkt, family, key, reverse, sequence, pos, size)
  local flow, stream = flows.get(key), streams.get(key)
  if not stream then
    stream = open(flow, sequence, size, pkt:unpack("c" .. math.min(size, 6), pos))
    if not stream then return false end
    stream.reverse = reverse
    kept_bytes = kept_bytes + stream.cost
    streams.set(key, stream)
  end

  local bytes = pkt:unpack("c" .. math.min(size, max_hello_bytes), pos)
  local verdict, detail = judge_stream(stream, sequence, bytes)
  if verdict == "misplaced" then return stream.is_sure end
  if verdict == "more" and stream.begins_at and is_cut(pkt, family) then
    verdict, detail = "block", "its packet is cut (--snaplen)"
  end
  if verdict == "more" then
    stream.need = detail
    while kept_bytes > max_kept_bytes do streams.rotate() end
    return stream.is_sure and not streams.get(key) -- its turn to be forgotten
  end

  close(key)
  local start = stream.origin + (stream.begins_at or 0) & low_32
  if verdict == "block" then
    if detail then say("blocked an unclear ClientHello:", detail, pkt) end
    block(key, reverse, start)
    return true
  end
  if verdict == "pass" then
    flows.set(key, start | detail << 32)
  elseif math.type(flow) ~= "integer" or flow >> 32 == 0 then
    flows.set(key, "plain")
  end
  return false
end

-- A SYN begins a flow. One of a flow that is known need not: a client might send it only to be
-- forgotten or misunderstood, and the server ignore it. Then the bytes tell where a hello begins,
-- and those of one that was blocked, or is not whole, stay blocked.
local function begin(key, reverse, start)
  local flow, stream = flows.get(key), streams.get(key)
  local is_integer = math.type(flow) == "integer"
  if is_integer and flow & low_32 == start or blocked.get(key) == start then return end
  if stream and stream.is_sure then blocked.set(key, stream.origin) end
  close(key)
  blocked.set(reverse, nil)
  local is_known = flow ~= nil or stream or blocked.get(key)
  flows.set(key, is_known and "unclear" or start)
end

-- Packets ----------------------------------------------------------------------------------------

-- Sequence number and flags of the TCP header, which tuple() has found behind any extension headers.
local function tcp_fields(pkt, family)
  local at = 41
  if family == 4 then
    at = 1 + (pkt:unpack("B") & 15) * 4
  else
    local header, length, following = pkt:unpack("B", 7), 0, 0
    while header ~= tcp do
      following, length = pkt:unpack("BB", at)
      at = at + (header == fragment and 8 or header == authentication and (length + 2) * 4 or
        (length + 1) * 8)
      header = following
    end
  end
  local sequence, _, _, flags = pkt:unpack(">I4 I4 B B", at + 4)
  return sequence, flags & syn_ack
end

function match(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  if protocol == udp then return port ~= nil and port == quic_port end
  if protocol ~= tcp or not port then return false end -- without ports: a later fragment
  local key = key_of(family, source, source_port, destination, port)
  if flows.get(key) == "server" then return false end

  if not is_ticking then
    is_ticking = true
    timer.create(period_ms, tick)
  end
  local pos, size = pkt:payload()
  if not pos then return blocked.get(key) ~= nil end -- a header that is cut or lies
  local sequence, flags = tcp_fields(pkt, family)
  local reverse = key_of(family, destination, port, source, source_port)
  if flags == syn then
    sequence = sequence + 1 & low_32 -- of data in a SYN
    begin(key, reverse, sequence)
  end
  local barred, flow = blocked.get(key), flows.get(key)
  if barred and (not flow or distance(barred, sequence) & low_32 < 1 << 16) then return true end
  if flags == syn_ack and not flow and math.type(flows.get(reverse)) == "integer" then
    flows.set(key, "server")
  elseif size > 0 then
    return read(pkt, family, key, reverse, sequence, pos, size)
  end
  return false
end
