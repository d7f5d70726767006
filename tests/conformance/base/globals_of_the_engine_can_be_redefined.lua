-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
tostring, pcall, error, print, type = nil, nil, nil, nil, nil

function match(pkt)
  if select(6, pkt:tuple()) == 1 then error("words") end
  return true
end
