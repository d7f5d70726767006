-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
local held

local function found() return (conn.find(4, "udp", "10.0.0.1", 5000, "10.0.0.2", 1)) end

function target(pkt)
  if not held then
    held = pkt
    return "stolen"
  end
  if select(6, pkt:tuple()) == 2 then
    same("nil", found())
    held:send()
  else
    same("integer", math.type(found()))
  end
  return "accept"
end
