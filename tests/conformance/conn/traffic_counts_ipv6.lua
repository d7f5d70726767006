-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp6 answer6
timer.create(10, function()
  same("1 78 1 79", conn.traffic(6, "tcp", "2001:db8::1", 40000, "2001:db8::2", 80, "both"))
  same("1 79", conn.traffic(6, "tcp", "2001:DB8:0:0:0:0:0:2", 80, "2001:db8::0001", 40000, "reply"))
  print("counted")
end)

function target() return "accept" end
