-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
local function deep() return 1 + deep() end

function match(pkt)
  if select(6, pkt:tuple()) == 1 then deep() end
  return true
end
