-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: first4 later4 first6 later6
-- only: replay (a kernel with conntrack reassembles before its hooks)
function target(pkt)
  same("nil untracked", pkt:connid())
  return "accept"
end
