-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: later4 udp4
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
local held

function target(pkt)
  if not held then
    held = pkt
    return "stolen"
  end
  same("true", held:send())
  return "drop"
end
