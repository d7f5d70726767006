-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  raises("words", error, "words")
  raises("words", error, "words", 0)
  raises("words", error, "words", 8)
  raises("bad argument", error, "words", 9)
  raises("bad argument", error, "words", 1 << 30)
  local ok, value = pcall(error, nil)
  same("false nil", ok, value)
  local object = {}
  assert(select(2, pcall(error, object)) == object)
  return "accept"
end
