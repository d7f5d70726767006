-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
local function round_trip(format, ...)
  local text = string.pack(format, ...)
  local m = memory.create(#text)
  same("true " .. #text + 1, m:pack(format, 1, ...))
  assert(m:tostring() == text, format .. ": packs other bytes than string.pack")
  local want = table.concat({string.unpack(format, text)}, " ")
  same(want, m:unpack(format))
  same(want, memory.unpack(text, format))
end

function target()
  for format in ("b B h H i I l L j J T i3 I7 i16"):gmatch("%S+") do
    for _, order in ipairs({"<", ">", "="}) do round_trip(order .. format, 77) end
  end
  round_trip("bhij", -1, -2, -3, -4)
  round_trip("<f", 0.5)
  round_trip(">d", -1.25)
  round_trip("n", 1e300)
  round_trip("z", "zero")
  round_trip("c3", "abc")
  round_trip("c5", "abc")
  round_trip(">s2", "counted")
  round_trip("s", "counted")
  round_trip("BxB", 1, 2)
  round_trip("!4Bi4", 1, 2)
  round_trip("!8BXi8B", 1, 2)
  round_trip(" < i2 > i2 = i2 ", 1, 2, 3)
  return "accept"
end
