-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  same("2", netlink.send(7, 0, "hi"))
  same("2", netlink.send(7, nil, "hi"))
  same("5", netlink.send(0, 5, memory.create("hello")))
  same("3", netlink.send(4294967295, 0x80000001, "all"))
  same("1", netlink.send(1, 0, "\0"))
  return "accept"
end
