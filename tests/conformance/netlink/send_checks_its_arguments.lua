-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  raises("bad argument", netlink.send, -2147483649, 0, "x")
  raises("bad argument", netlink.send, 1 << 32, 0, "x")
  raises("bad argument", netlink.send, 1.5, 0, "x")
  raises("bad argument", netlink.send, "x", 0, "x")
  raises("bad argument", netlink.send, 1, -1, "x")
  raises("bad argument", netlink.send, 1, 1 << 32, "x")
  raises("bad argument", netlink.send, 1, 0)
  raises("bad argument", netlink.send, 1, 0, nil)
  raises("bad argument", netlink.send, 1, 0, {})
  raises("bad argument", netlink.send)
  return "accept"
end
