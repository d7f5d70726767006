-- SPDX-License-Identifier: GPL-2.0-or-later
-- The same five fields by unpack(), for those who want to read headers themselves.
local busy = {}
for i = 0, 99 do busy[80 + 33 * i] = true end

local TCP <const>, UDP <const> = 6, 17
local IPV4 <const> = ">Bxxxxx I2 x B xx I4 I4 I2 I2"
local IPV6 <const> = ">xxxxxx B x c16 c16 I2 I2"

local function is_unusual_busy(pkt)
  local start, fragment, protocol, source, destination = pkt:unpack(">Bxxxxx I2 x B xx I4 I4")
  if fragment & 0x1fff ~= 0 then return false end
  local sport, dport = pkt:unpack(">I2 I2", (start & 15) * 4 + 1)
  return busy[dport] == true and (protocol == TCP or protocol == UDP) and sport ~= dport and
    source ~= destination
end

function match(pkt)
  local start, fragment, protocol, source, destination, sport, dport = pkt:unpack(IPV4)
  if start >> 4 == 6 then
    protocol, source, destination, sport, dport = pkt:unpack(IPV6)
  elseif start ~= 0x45 or fragment & 0x1fff ~= 0 then
    return is_unusual_busy(pkt) -- options, or a fragment: rare, not worth a faster way
  end
  return busy[dport] == true and (protocol == TCP or protocol == UDP) and sport ~= dport and
    source ~= destination
end
