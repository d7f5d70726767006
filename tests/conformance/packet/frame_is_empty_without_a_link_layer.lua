-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 tcp6
-- link: raw
-- only: replay (a capture without link layer)
function target(pkt)
  same("0", #pkt:frame())
  return "accept"
end
