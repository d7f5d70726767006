-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
function match(pkt)
  if select(6, pkt:tuple()) == 1 then return table.unpack({true}, 1, 10000) end
  return true
end
