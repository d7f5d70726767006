-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 padded4 tcp6
local lengths = {36, 29, 78}
local number = 0

function target(pkt)
  number = number + 1
  same(lengths[number], #pkt)
  return "accept"
end
