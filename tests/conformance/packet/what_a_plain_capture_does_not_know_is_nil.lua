-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- only: replay (a live packet has a hook and devices)
function target(pkt)
  same("nil", pkt:hook())
  same("nil", pkt:indev())
  same("nil", pkt:outdev())
  same("nil", (pkt:owner()))
  return "accept"
end
