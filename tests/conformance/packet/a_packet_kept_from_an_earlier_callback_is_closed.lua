-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 tcp4
local kept

local calls = {
  close = {}, connid = {}, copybytes = {memory.create(4)}, find = {"x"}, frame = {}, hook = {},
  indev = {}, mark = {}, outdev = {}, owner = {}, payload = {}, reply = {"x"}, send = {},
  tcpreply = {"x"}, tuple = {}, unpack = {"B"},
}

function target(pkt)
  if kept then
    for name, arguments in pairs(calls) do
      raises("closed packet", kept[name], kept, table.unpack(arguments))
    end
    raises("closed packet", kept.mark, kept, 1)
    raises("closed packet", function() return #kept end)
    same("packet (closed)", kept)
  end
  kept = pkt
  return "accept"
end
