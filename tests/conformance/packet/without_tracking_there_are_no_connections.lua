-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: syn4 synack4@10 udp4_7
-- args: --notrack --target target
function target(pkt)
  same("nil untracked", pkt:connid())
  same("nil connid entry not found", conn.find(4, "tcp", "10.0.0.1", 40000, "10.0.0.2", 80))
  return "accept"
end
