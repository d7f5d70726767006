-- SPDX-License-Identifier: GPL-2.0-or-later
-- Answers DNS queries for the addresses of listed names, and of names below them, with our own.
--
--   nflua replay -w out.pcap examples/dns_sinkhole.lua tests/captures/dns.pcap
--   nflua run --hook forward examples/dns_sinkhole.lua
--
-- Over TCP a query may come in any segments; one that comes too early while it is not whole is
-- dropped, and its sender sends it again. Once one was answered, all data that the client sends in
-- that connection is dropped: for what else it asked there it has to connect anew.
--
-- Not caught: DNS over TLS or HTTPS; other types than A and AAAA (HTTPS records may hold addresses);
-- queries on another port than 53. Malformed queries pass: the server answers them.

local sunk = { ["blocked.example"] = true }

local tcp, udp, dns_port, internet = 6, 17, 53, 1
local max_message_bytes = 2048 -- of a query over TCP, with its length in front; EDNS may pad it
local address = {
  [1] = string.pack(">I4", packet.pton("192.0.2.1")), -- A
  [28] = packet.pton("2001:db8:1::1"), -- AAAA
}
local ttl = 60

-- The labels of the name at pos, in lower case, and the position behind it; nil if malformed.
local function read_name(query, pos)
  local labels = {}
  while true do
    local label
    label, pos = string.unpack("s1", query, pos)
    if label == "" then return labels, pos end
    if #label > 63 or #labels > 127 then return nil end -- a pointer has no place in a question
    labels[#labels + 1] = label:lower()
  end
end

local function is_sunk(labels)
  for first = 1, #labels do
    if sunk[table.concat(labels, ".", first)] then return true end
  end
  return false
end

-- The answer to a query (RFC 1035 section 4.1), nil if it is not ours to answer.
local function answer_to(query)
  local id, flags, questions = string.unpack(">I2 I2 I2", query)
  if flags & 0xF800 ~= 0 or questions ~= 1 then return nil end -- a response, or no plain query
  local labels, pos = read_name(query, 13)
  if not labels or not is_sunk(labels) then return nil end
  local kind, class, stop = string.unpack(">I2 I2", query, pos)
  if class ~= internet or not address[kind] then return nil end
  local header = string.pack(">I2 I2 I2 I2 I2 I2", id, 0x8080 | flags & 0x0100, 1, 1, 0, 0)
  local record = string.pack(">I2 I2 I2 I4 s2", 0xC00C, kind, class, ttl, address[kind])
  return header .. query:sub(13, stop - 1) .. record -- without EDNS: the client falls back
end

-- Over TCP, two bytes of length are in front of each message (RFC 1035 section 4.2.2). Whether bytes,
-- however few, may be the beginning of a query.
local function is_beginning(bytes)
  local high, low, _, _, flags = bytes:byte(1, 5)
  local size = (high or 0) << 8 | (low or 255)
  return size > 16 and size + 2 <= max_message_bytes and (flags or 0) & 0xF8 == 0
end

-- What follows from the first bytes that a client sends over TCP: "block" and the answer, "pass" and
-- of how many of them, "more" if they are not enough, "other" if it is no query.
local function judge(bytes)
  if not is_beginning(bytes) then return "other" end
  local size = #bytes > 1 and string.unpack(">I2", bytes) + 2
  if not size or #bytes < size then return "more" end
  local ok, answer = pcall(answer_to, bytes:sub(3, size))
  if ok and answer then return "block", string.pack(">s2", answer) end
  return "pass", size
end

-- What clients send ------------------------------------------------------------------------------

-- A state has 64 MiB in a process and 1 MiB in the kernel: this fits both.
local max_flows, max_kept_bytes, period_ms = 1000, 64 << 10, 150000
local low_32, window, max_early = 0xffffffff, 1 << 20, 32

-- By a client's addresses and ports: "answered", if all else that it sends is dropped; "plain", if a
-- message may begin with any segment; or the sequence number that comes `next`, the bytes of a
-- message that is not whole, and how many segments came too early. A flow that was silent for one to
-- two periods is forgotten; when there are many, sooner.
local recent, older, flow_count, kept_bytes = {}, {}, 0, 0
local is_ticking = false

local function rotate()
  recent, older, flow_count, kept_bytes = {}, recent, 0, 0
  return next(older) ~= nil
end

local function tick()
  is_ticking = rotate()
  if is_ticking then timer.create(period_ms, tick) end
end

local function bytes_kept(flow) return type(flow) == "table" and #flow.bytes or 0 end

local function remember(key, flow)
  if not is_ticking then
    is_ticking = true
    timer.create(period_ms, tick)
  end
  if recent[key] == nil and flow_count == max_flows or kept_bytes > max_kept_bytes then rotate() end
  if recent[key] == nil then flow_count = flow_count + 1 end
  kept_bytes = kept_bytes + bytes_kept(flow) - bytes_kept(recent[key])
  recent[key] = flow
end

local function recall(key)
  local flow = recent[key]
  if flow == nil and older[key] ~= nil then
    flow = older[key]
    remember(key, flow)
  end
  return flow
end

-- The difference of two sequence numbers.
local function distance(from, to) return ((to - from + (1 << 31)) & low_32) - (1 << 31) end

-- Sequence number of a packet's data, and whether it is a SYN: of the TCP header, which tuple() has
-- found behind any extension headers.
local function tcp_fields(pkt, family)
  local at = 41
  if family == 4 then
    at = 1 + (pkt:unpack("B") & 15) * 4
  else
    local header, length, following = pkt:unpack("B", 7), 0, 0
    while header ~= tcp do
      following, length = pkt:unpack("BB", at)
      at = at + (header == 44 and 8 or header == 51 and (length + 2) * 4 or (length + 1) * 8)
      header = following
    end
  end
  local sequence, _, _, flags = pkt:unpack(">I4 I4 B B", at + 4)
  if flags & 0x12 == 0x02 then return sequence + 1 & low_32, true end
  return sequence, false
end

-- Whether there is less of a packet than was sent (--snaplen).
local function is_cut(pkt, family)
  if family == 4 then return pkt:unpack(">I2", 3) > #pkt end
  return pkt:unpack(">I2", 5) + 40 > #pkt
end

-- The bytes of a message so far, with this segment, and whether that moves its flow on. Nil: there is
-- nothing to judge. False: some are missing in front of it, and will be sent again with it.
local function assemble(flow, sequence, bytes)
  if type(flow) == "table" then
    local at = distance(flow.next, sequence)
    if at > 0 and at < window then
      flow.early = flow.early + 1
      if flow.early <= max_early then return false end -- else they passed us by
    end
    if at <= 0 and at + #bytes > 0 then return flow.bytes .. bytes:sub(1 - at), true end
    -- Sent again. It is judged again: the first copy may have been for us alone.
    return is_beginning(bytes) and bytes or nil, at > 0
  end
  return is_beginning(bytes) and bytes or nil, true
end

-- Judges the messages in a client's bytes, up to one that is not whole: the first verdict that is
-- none of "pass", "more" and "other", or nil.
local function judge_all(key, bytes, next_sequence, moves_on)
  local verdict, detail = "pass", nil
  while bytes ~= "" do
    verdict, detail = judge(bytes)
    if verdict ~= "pass" then break end
    bytes = bytes:sub(detail + 1)
  end
  if verdict == "block" then return verdict, detail end
  if not moves_on then return nil end
  local is_plain = verdict == "other" or not next_sequence
  remember(key, is_plain and "plain" or { next = next_sequence, bytes = bytes, early = 0 })
end

-- A TCP packet of a client's: "block" for the segment that completes what judge() blocks, and the
-- detail of that; "drop" for what can't pass; nil. From "block" on all that has data is dropped.
local function read(pkt, family, source, source_port, destination, port)
  local pos, size = pkt:payload()
  if not pos then return nil end -- a header that is cut or lies
  local sequence, is_syn = tcp_fields(pkt, family)
  if size == 0 and not is_syn then return nil end
  local key = string.pack(family == 4 and ">I4 I2 I4 I2" or ">c16 I2 c16 I2", source, source_port,
    destination, port)
  if is_syn then remember(key, { next = sequence, bytes = "", early = 0 }) end
  if size == 0 then return nil end

  local flow = recall(key)
  if flow == "answered" then return "drop" end
  if flow == nil then flow = { next = sequence, bytes = "", early = 0 } end -- its SYN was not seen
  if flow == "plain" and not is_beginning(pkt:unpack("c" .. math.min(size, 64), pos)) then
    return nil
  end
  local segment = pkt:unpack("c" .. math.min(size, max_message_bytes), pos)
  local bytes, moves_on = assemble(flow, sequence, segment)
  if bytes == nil then return nil end
  if bytes == false then return "drop" end
  local is_whole = size == #segment and not is_cut(pkt, family)
  local verdict, detail = judge_all(key, bytes, is_whole and sequence + size & low_32, moves_on)
  if verdict == "block" then remember(key, "answered") end
  return verdict, detail
end

-- Packets ----------------------------------------------------------------------------------------

local function answer_over_tcp(pkt, ...)
  local verdict, answer = read(pkt, ...)
  if not verdict then return end
  if verdict == "block" then
    local ok, message = pkt:reply(answer)
    if not ok then print("no answer to", tostring(pkt), message) end
  end
  return "drop"
end

function target(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  if port ~= dns_port then return end
  if protocol == tcp then
    return answer_over_tcp(pkt, family, source, source_port, destination, port)
  end
  if protocol ~= udp then return end
  local pos, size = pkt:payload()
  if not pos then return end -- cut off
  local ok, answer = pcall(answer_to, pkt:unpack("c" .. size, pos))
  if ok and answer and pkt:reply(answer) then return "drop" end
end
