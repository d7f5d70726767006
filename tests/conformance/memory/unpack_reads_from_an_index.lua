-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local m = memory.create("\1\2\3\4")
  same("1 2", m:unpack("B"))
  same("515 4", m:unpack(">H", 2))
  same("4 5", m:unpack("B", -1))
  same("1 2 3", m:unpack("BB"))
  same("5", m:unpack("", 5))
  raises("too short", m.unpack, m, "B", 5)
  raises("too short", m.unpack, m, "I8")
  raises("bad argument", m.unpack, m)
  raises("bad argument", m.unpack, m, {})
  raises("invalid format option 'y'", m.unpack, m, "y")
  return "accept"
end
