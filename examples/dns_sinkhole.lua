-- SPDX-License-Identifier: GPL-2.0-or-later
-- Answers DNS queries for the addresses of listed names, and of names below them, with our own.
--
--   nflua replay -w out.pcap examples/dns_sinkhole.lua tests/captures/dns.pcap
--   nflua run --hook forward examples/dns_sinkhole.lua
--
-- Not caught: DNS over TCP, TLS or HTTPS; other types than A and AAAA (HTTPS records may hold
-- addresses); queries on another port than 53. Malformed queries pass: the server answers them.

local sunk = { ["blocked.example"] = true }

local udp, dns_port, internet = 17, 53, 1
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

function target(pkt)
  local _, protocol, _, _, _, port = pkt:tuple()
  if protocol ~= udp or port ~= dns_port then return end
  local pos, size = pkt:payload()
  if not pos then return end -- cut off
  local ok, answer = pcall(answer_to, pkt:unpack("c" .. size, pos))
  if ok and answer and pkt:reply(answer) then return "drop" end
end
