-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: arp udp4
-- only: replay (a router forwards nothing but IP)
function target() return "drop" end
