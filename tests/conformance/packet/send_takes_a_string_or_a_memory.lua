-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 udp4
local held

function target(pkt)
  if not held then
    held = pkt
    return "stolen"
  end
  raises("", held.send, held, {})
  raises("", held.send, held, true)
  same("true", held:send("short"))
  return "accept"
end
