-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: arp udp4
function target() return "drop" end
