-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp4_back udp4
-- 36 bytes, 34 bytes, 36 bytes: IP packets, without their link layer.
local function count()
  local function traffic(...) return conn.traffic(4, "udp", ...) end
  local tuples = {{"10.0.0.1", 5000, "10.0.0.2", 53}, {"10.0.0.2", 53, "10.0.0.1", 5000}}
  for _, tuple in ipairs(tuples) do
    local from, from_port, to, to_port = table.unpack(tuple)
    same("2 72", traffic(from, from_port, to, to_port, "original"))
    same("1 34", traffic(from, from_port, to, to_port, "reply"))
    same("2 72 1 34", traffic(from, from_port, to, to_port, "both"))
  end
  same("nil connid entry not found", traffic("10.0.0.1", 5001, "10.0.0.2", 53, "both"))
  print("counted")
end

local packets = 0

function target()
  packets = packets + 1
  if packets == 3 then timer.create(10, count) end
  return "accept"
end
