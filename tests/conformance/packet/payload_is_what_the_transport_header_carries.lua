-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 tcp4 options4 ack4 empty_udp4 ping4 esp4 first4 later4 extended6 later6
-- packets: cut_payload4 cut_tcp4 padded4
local expected = {
  "29 8", "41 18", "49 18", "41 0", "29 0", "21 12", "21 8", "29 8", "21 16", "77 18", "49 16",
  "41 5", "nil", "29 1",
}
local number = 0

function target(pkt)
  number = number + 1
  local position, length = pkt:payload()
  if position then same(expected[number], position, length)
  else same(expected[number], position) end
  return "accept"
end
