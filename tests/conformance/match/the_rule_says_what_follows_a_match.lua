-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6 udp4_7 udp4_8
-- args: --match is_1 --match is_2:accept --match is_3:stop --match is_4:queue --match is_5:queue=7
-- args: --match is_6:mark=5 --match is_7:mark=0x1f0/0xf0 --target rest
for port = 1, 7 do
  _G["is_" .. port] = function(pkt) return select(6, pkt:tuple()) == port end
end
function rest() return "drop" end
