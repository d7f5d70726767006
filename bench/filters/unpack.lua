-- SPDX-License-Identifier: GPL-2.0-or-later
-- The same five fields by unpack(), for those who want to read headers themselves.
local busy = {}
for i = 0, 99 do busy[20 + 17 * i] = true end

local TCP <const>, UDP <const> = 6, 17
local IPV4 <const> = ">Bxxxxx I2 x B xx I4 I4 I2 I2"
local IPV6 <const> = ">xxxxxx B x c16 c16 I2 I2"

local function is_busy(protocol, source, destination, sport, dport)
  return (protocol == TCP or protocol == UDP) and busy[dport] == true and sport ~= dport and
    source ~= destination
end

-- With options, or a fragment: rare, and not worth a faster way.
local function match_unusual(pkt)
  local start, fragment, protocol, source, destination = pkt:unpack(">Bxxxxx I2 x B xx I4 I4")
  if fragment & 0x1fff ~= 0 then return false end
  return is_busy(protocol, source, destination, pkt:unpack(">I2 I2", (start & 15) * 4 + 1))
end

function match(pkt)
  local start, fragment, protocol, source, destination, sport, dport = pkt:unpack(IPV4)
  if start == 0x45 and fragment & 0x1fff == 0 then
    return is_busy(protocol, source, destination, sport, dport)
  elseif start >> 4 == 4 then
    return match_unusual(pkt)
  end
  return is_busy(pkt:unpack(IPV6))
end
