-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp6 tcp6 ping6 extended6 routed6
local expected = {
  "6 17 5000 53", "6 6 40000 80", "6 58 nil nil", "6 6 40000 80", "6 6 40000 80",
}
local source = packet.pton("2001:db8::1")
local destination = packet.pton("2001:db8::2")
local number = 0

function target(pkt)
  number = number + 1
  local family, protocol, from, from_port, to, to_port = pkt:tuple()
  same(expected[number], family, protocol, from_port, to_port)
  same("16 16", #from, #to)
  assert(from == source and to == destination, "other addresses")
  return "accept"
end
