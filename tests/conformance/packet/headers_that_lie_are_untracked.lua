-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: long_options4 short_header4 cut_ip4
-- only: replay (a kernel drops such IP headers before its hooks)
function target(pkt)
  same("nil untracked", pkt:connid())
  return "accept"
end
