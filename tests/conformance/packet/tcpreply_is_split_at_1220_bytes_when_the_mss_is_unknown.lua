-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 tcp6
local message = {}
for i = 1, 2048 do message[i] = string.char((i - 1) % 256) end
message = table.concat(message)

function target(pkt)
  same("true", pkt:tcpreply(message))
  return "drop"
end
