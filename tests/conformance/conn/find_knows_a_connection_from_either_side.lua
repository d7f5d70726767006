-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp4_back udp6 udp6_back syn4 synack4
local ports = {udp = {5000, 53}, tcp = {40000, 80}}
local protocols = {[6] = "tcp", [17] = "udp"}
local number = 0

function target(pkt)
  number = number + 1
  if number % 2 == 1 then return "accept" end
  local family, protocol = pkt:tuple()
  local name = protocols[protocol]
  local client = family == 4 and "10.0.0.1" or "2001:db8::1"
  local server = family == 4 and "10.0.0.2" or "2001:db8::2"
  local client_port, server_port = table.unpack(ports[name])
  local id = pkt:connid()
  same(id, conn.find(family, name, client, client_port, server, server_port))
  same(id, conn.find(family, name, server, server_port, client, client_port))
  return "accept"
end
