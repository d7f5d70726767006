-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6 udp4_7 udp4_8 udp4_9
-- args: --target first --target second
local answers = {
  {"drop"}, {"accept"}, {"stop"}, {"queue"}, {"queue", 5}, {}, {"DROP"}, {true}, {{}},
}

function first(pkt)
  return table.unpack(answers[select(6, pkt:tuple())])
end

function second() return "accept" end
