-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
local function filled(...)
  local m = memory.create("......")
  m:fill(...)
  return m
end

function target()
  same("xxxxxx", filled("x"))
  same("xyxyxy", filled("xy"))
  same("xyzwxy", filled("xyzw"))
  same("123456", filled("12345678"))
  same("AAAAAA", filled(65))
  same("0 0 0", filled(0):get(4, 6))
  same("..xx..", filled("x", 3, 4))
  same("....xx", filled("x", -2))
  same(".xxxx.", filled("x", 2, -2))
  same("..yyy.", filled("xy", 3, 5, 2))
  same("zzzzzz", filled("xyz", 1, -1, -1))
  same("yzyzyz", filled("xyz", 1, -1, 2))
  same("xyzxyz", filled("xyz", 1, -1, 0))
  same("......", filled("x", 4, 3))
  same("......", filled("x", 7))
  same("xxxxxx", filled("x", -100, 100))
  same("ababab", filled(memory.create("ab")))
  raises("bad argument", filled, 256)
  raises("bad argument", filled, -1)
  raises("bad argument", filled, {})
  raises("bad argument", filled)
  raises("bad argument", memory.fill, "string", "x")
  return "accept"
end
