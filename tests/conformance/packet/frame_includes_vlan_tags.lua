-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: vlan4
-- only: replay (live, the VLAN's device has taken the tag off)
function target(pkt)
  same("18 129 0 0 100 8 0", #pkt:frame(), pkt:frame():get(13, 18))
  same("36 69", #pkt, (pkt:unpack("B")))
  return "accept"
end
