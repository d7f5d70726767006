-- SPDX-License-Identifier: GPL-2.0-or-later
-- Says which replica meets which flow, whatever the direction.

print("started", worker)

function target(pkt)
  local _, protocol, source, source_port, destination, port = pkt:tuple()
  local a = packet.ntop(source) .. " " .. tostring(source_port)
  local b = packet.ntop(destination) .. " " .. tostring(port)
  if a > b then a, b = b, a end
  print(("worker=%d flow=%s %s %d"):format(worker, a, b, protocol))
end
