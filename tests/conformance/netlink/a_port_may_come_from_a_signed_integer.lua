-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  same("6", netlink.send(-2147483505, 0, "signed"))
  same("4", netlink.send(-1, 0, "last"))
  same("5", netlink.send(-2147483648, 2, "first"))
  raises("bad argument", netlink.send, -2147483649, 0, "x")
  raises("bad argument", netlink.send, 0, -1, "x")
  return "accept"
end
