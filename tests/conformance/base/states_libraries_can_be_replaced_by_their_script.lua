-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
string, table, packet, memory = nil, nil, nil, nil

function match(pkt)
  return pkt:unpack("B") == 0x45 and pkt:frame():get(1) == 2 and ("x"):rep(3) == "xxx"
end
