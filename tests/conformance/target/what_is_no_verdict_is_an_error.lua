-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6 udp4_7 udp4_8 udp4_9 udp4_10 udp4_11
-- args: --target judge --target last
local ANSWERS <const> = {"DROP", "accpet", "NF_STOP", "continue", "yes", true, false, 1, {}, nil,
                         "stop"}

function judge(pkt)
  return ANSWERS[select(6, pkt:tuple())]
end

-- What was no verdict goes on to the next rule.
function last() return "accept" end
