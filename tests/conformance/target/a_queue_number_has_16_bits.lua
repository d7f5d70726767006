-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6 udp4_7 udp4_8
local numbers = {0, 65535, 7.0, 65536, -1, 1.5, "seven", {}}

function target(pkt)
  return "queue", numbers[select(6, pkt:tuple())]
end
