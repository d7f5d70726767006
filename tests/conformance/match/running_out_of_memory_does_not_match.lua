-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
-- args: --max-bytes 1000000
function match(pkt)
  if select(6, pkt:tuple()) == 2 then return true end
  local hoard = {}
  for i = 1, 1000 do hoard[i] = ("x"):rep(10000) .. i end
  return true
end
