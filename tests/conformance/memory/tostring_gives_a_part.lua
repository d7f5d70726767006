-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local m = memory.create("abcde")
  same("abcde", memory.tostring(m))
  same("abcde", tostring(m))
  same("cde", m:tostring(3))
  same("bcd", m:tostring(2, 4))
  same("de", m:tostring(-2))
  same("bcd", m:tostring(-4, -2))
  same("abcde", m:tostring(0))
  same("abcde", m:tostring(-100, 100))
  same("", m:tostring(4, 3))
  same("", m:tostring(6))
  same("", m:tostring(1, 0))
  same("", m:tostring(1, -6))
  same("bc", memory.tostring("abc", 2))
  same("", memory.tostring(memory.create()))
  raises("bad argument", memory.tostring, {})
  raises("bad argument", m.tostring, m, "x")
  return "accept"
end
