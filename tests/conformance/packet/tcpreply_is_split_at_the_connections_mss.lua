-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: mss4 synack4 tcp4
-- The client said that it takes 100 bytes a segment.
-- only: replay queue (the kernel module does not know what the other side's TCP takes)
local message = {}
for i = 1, 250 do message[i] = string.char(i - 1) end
message = table.concat(message)

function target(pkt)
  if select(2, pkt:payload()) == 0 then return "accept" end
  same("true", pkt:tcpreply(message))
  return "drop"
end
