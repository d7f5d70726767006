-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local m = memory.create("abc")
  same("nil false", memory.diff(m, "abc"))
  same("nil false", memory.diff("abc", "abc"))
  same("nil false", memory.diff("", ""))
  same("2 true", memory.diff(m, "axc"))
  same("2 false", memory.diff("axc", m))
  same("4 true", memory.diff(m, "abcd"))
  same("4 false", memory.diff("abcd", m))
  same("nil false", m:diff(m))
  same("1 true", memory.diff("", m))
  same("1 false", memory.diff(m, ""))
  same("1 true", memory.diff("\x7f", "\x80"))
  raises("bad argument", memory.diff, m)
  raises("bad argument", memory.diff, m, {})
  raises("bad argument", memory.diff, {}, m)
  return "accept"
end
