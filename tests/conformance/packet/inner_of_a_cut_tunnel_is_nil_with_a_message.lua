-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: cut_ipip4
-- only: replay (a router gets whole packets)
function target(pkt)
  local family, message = pkt:inner()
  same("nil string", family, type(message))
  return "accept"
end
