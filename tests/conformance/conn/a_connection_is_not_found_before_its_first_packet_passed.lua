-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp4
local calls = 0

function target(pkt)
  calls = calls + 1
  local id, message = conn.find(4, "udp", "10.0.0.1", 5000, "10.0.0.2", 53)
  if calls == 1 then
    same("nil connid entry not found", id, message)
    same("integer", math.type(pkt:connid()))
  else
    same(pkt:connid(), id)
  end
  return "accept"
end
