-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: syn4 synack4 tcp4 udp4 udp4_back ping4 pong4 syn6 synack6 udp6 udp6_back ping6 pong6
local ids = {}

function target(pkt)
  local id = pkt:connid()
  same("integer", math.type(id))
  ids[#ids + 1] = id
  if #ids == 13 then
    for _, pair in ipairs({{1, 2}, {1, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}, {12, 13}}) do
      same(ids[pair[1]], ids[pair[2]])
    end
    local seen = {}
    for _, first in ipairs({1, 4, 6, 8, 10, 12}) do
      assert(not seen[ids[first]], "two connections share an id")
      seen[ids[first]] = true
    end
  end
  return "accept"
end
