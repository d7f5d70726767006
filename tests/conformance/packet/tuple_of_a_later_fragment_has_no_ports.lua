-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: first4 later4 first6 later6
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
local expected = {"4 17 5000 53", "4 17 nil nil", "6 17 5000 53", "6 17 nil nil"}
local number = 0

function target(pkt)
  number = number + 1
  local family, protocol, _, from_port, _, to_port = pkt:tuple()
  same(expected[number], family, protocol, from_port, to_port)
  return "accept"
end
