-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: cut_payload4 cut_ip4
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
local lengths = {45, 12}
local number = 0

function target(pkt)
  number = number + 1
  same(lengths[number], #pkt)
  return "accept"
end
