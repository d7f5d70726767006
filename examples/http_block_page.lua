-- SPDX-License-Identifier: GPL-2.0-or-later
-- Answers HTTP requests to listed hosts, and to hosts below them, with a page of our own.
--
--   nflua replay -w out.pcap examples/http_block_page.lua tests/captures/http.pcap
--   nflua run --hook forward examples/http_block_page.lua
--
-- A request is read in every form that RFC 9112 has servers take, in as many segments as it comes
-- in; one that comes too early while a head is not whole is dropped, and its sender sends it again.
-- Once the page is sent, all data that the client sends in that connection is dropped. A head over
-- 16 KiB gets the page as well. The server keeps its half of the connection until its own timeout.
--
-- Not caught: HTTPS; HTTP/2 without TLS; a request that begins within a segment behind the body of
-- another; packets that --snaplen cuts.

local blocked = { ["blocked.example"] = true }

local tcp, max_message_bytes, max_host = 6, 16384, 255
local page = "<!doctype html><title>Blocked</title><h1>This site is blocked here</h1>\n"
local response = table.concat({
  "HTTP/1.1 403 Forbidden",
  "Content-Type: text/html",
  "Content-Length: " .. #page,
  "Cache-Control: no-store",
  "Connection: close",
  "",
  page,
}, "\r\n")

-- Requests ---------------------------------------------------------------------------------------

-- Whether an authority (RFC 3986 section 3.2) names a listed host.
local function is_blocked(authority)
  local host = authority:gsub("^.*@", ""):gsub(":%d*$", ""):gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end)
  host = host:lower():gsub("%.$", "")
  if #host > max_host then return false end
  while host do
    if blocked[host] then return true end
    host = host:match("%.(.+)$")
  end
  return false
end

-- Whether bytes, however few, may be the beginning of a request: empty lines, then a method.
local function may_be_request(bytes)
  local first, stop = bytes:match("^[\r\n]*()[%w!#$%%&'*+.^_`|~-]*()")
  return stop > #bytes or first < stop and bytes:find("^[ \t\v\f]", stop) ~= nil
end

-- The same for a segment somewhere in a connection, where there may be text, which is full of words:
-- methods in use have capital letters.
local function is_beginning(bytes)
  return may_be_request(bytes) and not bytes:match("^[\r\n]*([^ \t\v\f]*)"):find("%l")
end

-- Whether a request is for a listed host: its target may name one (RFC 9112 section 3.2), and so may
-- each of its Host fields. A field may go on in the next line (section 5.2).
local function is_for_blocked(method, target, fields)
  local authority = method == "CONNECT" and target or target:match("^%a[%w+.-]*://([^/?#]*)")
  if authority and is_blocked(authority) then return true end
  fields = "\n" .. fields:gsub("\r?\n[ \t]+", " ")
  for name, value in fields:gmatch("\n([^:\n]+):[ \t]*([^\n]-)%s*%f[\n\0]") do
    if name:lower():match("^%s*(.-)%s*$") == "host" and is_blocked(value) then return true end
  end
  return false
end

-- What follows from the first bytes of a request: "block", "pass" and of how many of them, "more" if
-- they are not enough, "other" if it is no request, or one behind which a body comes.
local function judge(bytes)
  if not may_be_request(bytes) then return "other" end
  local line, fields_at = bytes:match("^[\r\n]*([^\n]+)\n()")
  if not line then return #bytes < max_message_bytes and "more" or "other" end
  local method, target = line:match("^(%S+)%s+(.-)%s+HTTP/%d+%.%d+%s*$")
  if not method then return "other" end
  local fields, stop = "", bytes:match("^\r?\n()", fields_at)
  if not stop then
    fields, stop = bytes:match("^(.-\n)\r?\n()", fields_at)
    if not stop then return #bytes < max_message_bytes and "more" or "block" end
  end
  if is_for_blocked(method, target, fields) then return "block" end
  local has_body = ("\n" .. fields:lower()):find("\n%s*content%-length") or
    ("\n" .. fields:lower()):find("\n%s*transfer%-encoding")
  if has_body then return "other" end
  return "pass", stop - 1
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

function target(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  if protocol ~= tcp or not port then return end -- without ports: a later fragment
  local verdict = read(pkt, family, source, source_port, destination, port)
  if not verdict then return end
  if verdict == "block" then
    local ok, message = pkt:tcpreply("tcp", response)
    if not ok then print("no page for", tostring(pkt), message) end
  end
  return "drop"
end
