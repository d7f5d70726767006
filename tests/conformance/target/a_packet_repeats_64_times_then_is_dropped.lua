-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
local calls = 0

function target(pkt)
  if select(6, pkt:tuple()) == 1 then
    calls = calls + 1
    return "repeat"
  end
  print(calls)
  return "accept"
end
