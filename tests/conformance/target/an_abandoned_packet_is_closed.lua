-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1
function target() return "stolen" end
