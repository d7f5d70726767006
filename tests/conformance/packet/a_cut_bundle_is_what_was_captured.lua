-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: cut_bundle4 cut_bundle6 cut_jumbo6
-- only: replay (a router gets whole packets)
function target(pkt)
  same("GET /", (pkt:unpack("c5", (pkt:payload()))))
  same(#pkt - (pkt:payload()) + 1, (select(2, pkt:payload())))
  same("true", pkt:tcpreply("hello"))
  return "accept"
end
