-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local m = memory.create("abc")
  assert(m ~= memory.create("abc"), "two objects are equal")
  same("string", type(getmetatable(m)))
  same("string", type(getmetatable("")))
  same("userdata", type(m))
  raises("", setmetatable, m, {})
  raises("", function() m[1] = 2 end)
  assert(m.get == memory.get and m.nothing == nil)
  return "accept"
end
