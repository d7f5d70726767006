-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6 udp4_7
local answers = {true, false, "hotdrop", "drop", 1, {}, nil}

function match(pkt)
  return answers[select(6, pkt:tuple())]
end
