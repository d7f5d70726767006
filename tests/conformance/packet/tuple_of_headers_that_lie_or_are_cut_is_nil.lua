-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: cut_ip4 cut_ports4 long_options4 short_header4 short_total4 cut_extension6
-- packets: lying_extension6
-- only: replay (a kernel drops such IP headers before its hooks)
function target(pkt)
  local family, message = pkt:tuple()
  same("nil string", family, type(message))
  return "accept"
end
