-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: first4 later4 later6 cut_payload4 cut_tcp4 cut_ports4 cut_ip4
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
local expected = {"29 8", "21 16", "49 16", "41 5", "nil", "nil", "nil"}
local number = 0

function target(pkt)
  number = number + 1
  local position, length = pkt:payload()
  if position then same(expected[number], position, length)
  else same(expected[number] .. " string", position, type(length)) end
  return "accept"
end
