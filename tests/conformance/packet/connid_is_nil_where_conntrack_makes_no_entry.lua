-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: synack4 rst4 fin4 data_offset4 small_data_offset4 long_udp4 short_udp4 pong4 pong6
-- Answers to nothing, no begin of a connection, and lengths that lie.
function target(pkt)
  same("nil untracked", pkt:connid())
  return "accept"
end
