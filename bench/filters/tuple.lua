-- SPDX-License-Identifier: GPL-2.0-or-later
-- Five header fields by tuple(), and a look-up among a hundred ports.
local busy = {}
for i = 0, 99 do busy[80 + 33 * i] = true end

local TCP <const>, UDP <const> = 6, 17

function match(pkt)
  local _, protocol, source, sport, destination, dport = pkt:tuple()
  return busy[dport] == true and (protocol == TCP or protocol == UDP) and sport ~= dport and
    source ~= destination
end
