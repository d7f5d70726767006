-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
function match(pkt)
  if select(6, pkt:tuple()) == 1 then coroutine.yield(true) end
  return true
end
