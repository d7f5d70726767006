-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp6 udp6_back
function target(pkt)
  local id = conn.find(6, "udp", "2001:db8::1", 5000, "2001:db8::2", 53)
  local forms = {"2001:DB8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8:0:0::0.0.0.1"}
  for _, text in ipairs(forms) do
    same(tostring(id), (conn.find(6, "udp", text, 5000, "2001:db8::2", 53)))
  end
  return "accept"
end
