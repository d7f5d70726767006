-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local a, b = "10.0.0.1", "10.0.0.2"
  for _, find in ipairs({conn.find, conn.traffic}) do
    raises("unknown family", find, 5, "udp", a, 1, b, 2, "both")
    raises("unknown family", find, 0, "udp", a, 1, b, 2, "both")
    raises("invalid option 'icmp'", find, 4, "icmp", a, 1, b, 2, "both")
    raises("bad argument #2", find, 4, 17, a, 1, b, 2, "both")
    raises("bad argument #3", find, 4, "udp", "10.0.0", 1, b, 2, "both")
    raises("failed to convert address to binary", find, 4, "udp", "10.0.0", 1, b, 2, "both")
    raises("failed to convert address to binary", find, 4, "udp", "::1", 1, b, 2, "both")
    raises("failed to convert address to binary", find, 6, "udp", "::1", 1, b, 2, "both")
    raises("bad argument #5", find, 4, "udp", a, 1, "host", 2, "both")
    for _, port in ipairs({0, 65536, -1}) do
      raises("invalid port", find, 4, "udp", a, port, b, 2, "both")
      raises("bad argument #4", find, 4, "udp", a, port, b, 2, "both")
      raises("bad argument #6", find, 4, "udp", a, 1, b, port, "both")
    end
    raises("bad argument", find)
    raises("bad argument", find, 4, "udp", a, 1, b)
  end
  raises("invalid option 'neither'", conn.traffic, 4, "udp", a, 1, b, 2, "neither")
  raises("bad argument #7", conn.traffic, 4, "udp", a, 1, b, 2)
  return "accept"
end
