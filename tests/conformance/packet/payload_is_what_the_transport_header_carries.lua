-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 tcp4 options4 ack4 empty_udp4 ping4 esp4 extended6 padded4
local expected = {
  "29 8", "41 18", "49 18", "41 0", "29 0", "21 12", "21 8", "77 18", "29 1",
}
local number = 0

function target(pkt)
  number = number + 1
  same(expected[number], pkt:payload())
  return "accept"
end
