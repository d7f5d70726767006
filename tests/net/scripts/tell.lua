-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sends datagrams to other processes: what a packet's payload asks for.

local function by_port(port, groups, payload)
  local ok, result = pcall(netlink.send, port, groups, payload)
  print(ok, result)
end

local asked = {
  group1 = function() by_port(0, 1, "to group 1") end,
  groups = function() by_port(0, 1 << 0 | 1 << 2, "to groups 1 and 3") end,
  port = function() by_port(4242, nil, "to port 4242") end,
  both = function() by_port(4242, 1, "to both") end,
  nobody = function() by_port(4343, nil, "to nobody") end,
  memory = function() by_port(4242, 0, memory.create("from a memory")) end,
  large = function() by_port(4242, 0, ("x"):rep(100000)) end,
}

function match(pkt)
  local pos, size = pkt:payload()
  local ask = size and size > 0 and asked[pkt:unpack("c" .. size, pos)]
  if ask then ask() end
  return false
end
