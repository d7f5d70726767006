-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --match n234567890123456789012345678901234567890123456789012345678901234
-- only: replay queue (rules in a kernel are iptables', which has its own tests)
function match() return true end
