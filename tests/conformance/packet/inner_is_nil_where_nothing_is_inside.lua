-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 udp4 udp6 ping4 esp4
function target(pkt)
  same("nil", pkt:inner())
  return "accept"
end
