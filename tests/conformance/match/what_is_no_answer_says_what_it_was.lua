-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5
local ANSWERS <const> = {"HOTDROP", "drop", 1, "\1" .. ("x"):rep(40), nil}

function match(pkt)
  return ANSWERS[select(6, pkt:tuple())]
end
