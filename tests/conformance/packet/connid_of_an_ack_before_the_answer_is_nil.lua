-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: syn4 tcp4 synack4 tcp4 syn6 tcp6 synack6 tcp6
local expected = {"integer", "nil", "integer", "integer", "integer", "nil", "integer", "integer"}
local number = 0

function target(pkt)
  number = number + 1
  same(expected[number], math.type(pkt:connid() or "none"))
  return "accept"
end
