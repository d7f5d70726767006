-- SPDX-License-Identifier: GPL-2.0-or-later
-- Drops the TLS ClientHello that asks for a listed server name, or for a name below one.
--
--   nflua replay examples/sni_block.lua tests/captures/tls.pcap
--   nflua run --hook forward examples/sni_block.lua
--
-- A hello that spans segments is judged if the name is in the first one. If not it passes, counted
-- and named in the log ("incomplete ClientHello"); return true there to be strict.
-- Not caught: QUIC (UDP), encrypted names (ECH), a hello in IP fragments.

local blocked = { ["blocked.example"] = true }

local tcp, handshake, client_hello, server_name, max_name = 6, 22, 1, 0, 255
local incomplete = 0

-- The name in a ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3), nil if it has none.
-- string.unpack raises if a field runs past the end: the hello is cut, or it lies.
local function name_of(hello)
  local record_size, _, message_size = string.unpack(">I2 B I3", hello, 4)
  assert(message_size + 4 <= record_size, "hello spans records")
  local pos = 44 -- behind both headers, the version and the random
  _, _, _, pos = string.unpack(">s1 s2 s1", hello, pos) -- session, ciphers, compression
  local size
  size, pos = string.unpack(">I2", hello, pos)
  local stop = pos + size
  while pos < stop do
    local kind, extension
    kind, extension, pos = string.unpack(">I2 s2", hello, pos)
    if kind == server_name then return (string.unpack(">s2", extension, 4)) end
  end
end

local function is_blocked(name)
  if #name > max_name then return false end
  name = name:lower()
  while name do
    if blocked[name] then return true end
    name = name:match("%.(.+)$")
  end
  return false
end

function match(pkt)
  local _, protocol, _, port = pkt:tuple()
  if protocol ~= tcp or not port then return false end -- without ports: a later fragment
  local pos, size = pkt:payload()
  if not pos or size == 0 or pkt:unpack("B", pos) ~= handshake then return false end
  local hello = pkt:unpack("c" .. size, pos)
  local is_hello = (hello:byte(2) or 3) == 3 and (hello:byte(6) or client_hello) == client_hello
  if not is_hello then return false end

  local ok, name = pcall(name_of, hello)
  if not ok then
    incomplete = incomplete + 1
    print("incomplete ClientHello", incomplete, tostring(pkt))
    return false
  end
  return name ~= nil and is_blocked(name)
end
