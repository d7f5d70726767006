-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 tcp6 ping4
local parts = {
  {"udp", "10.0.0.1", "5000", "10.0.0.2", "53", "36"},
  {"tcp", "2001:db8::1", "40000", "2001:db8::2", "80", "78"},
  {"icmp", "10.0.0.1", "10.0.0.2", "32"},
}
local number = 0

function target(pkt)
  number = number + 1
  local line = tostring(pkt)
  for _, part in ipairs(parts[number]) do
    assert(line:find(part, 1, true), line .. ": no " .. part)
  end
  assert(not line:find("\n"), "two lines")
  return "accept"
end
