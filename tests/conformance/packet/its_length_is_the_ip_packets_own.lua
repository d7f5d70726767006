-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 padded4 tcp6 cut_payload4 cut_ip4
local lengths = {36, 29, 78, 45, 12}
local number = 0

function target(pkt)
  number = number + 1
  same(lengths[number], #pkt)
  return "accept"
end
