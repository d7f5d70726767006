-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: long_options4 short_header4 cut_ip4
function target(pkt)
  same("nil untracked", pkt:connid())
  return "accept"
end
