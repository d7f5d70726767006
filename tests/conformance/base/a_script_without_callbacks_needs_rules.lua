-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- only: replay queue (rules in a kernel are iptables', which has its own tests)
function Match() return true end
