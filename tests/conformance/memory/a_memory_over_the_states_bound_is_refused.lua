-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
-- args: --max-bytes 1000000
-- only: replay queue kernel (a state has a bound, a Lua program has none)
function target(pkt)
  if select(6, pkt:tuple()) == 1 then memory.create(2000000) end
  return "accept"
end
