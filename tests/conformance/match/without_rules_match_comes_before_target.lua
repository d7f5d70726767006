-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
function target() return "stop" end
function match(pkt) return select(6, pkt:tuple()) == 1 end
