-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp6 answer6
local function count()
  same("1 78 1 79", conn.traffic(6, "tcp", "2001:db8::1", 40000, "2001:db8::2", 80, "both"))
  same("1 79", conn.traffic(6, "tcp", "2001:DB8:0:0:0:0:0:2", 80, "2001:db8::0001", 40000, "reply"))
  print("counted")
end

local packets = 0

function target()
  packets = packets + 1
  if packets == 2 then timer.create(10, count) end
  return "accept"
end
