-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1
-- queue: --fail closed
function target() return "stolen" end
