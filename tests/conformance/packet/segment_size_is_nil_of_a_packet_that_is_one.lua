-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 udp6
function target(pkt)
  same(nil, (pkt:segment_size()))
  return "accept"
end
