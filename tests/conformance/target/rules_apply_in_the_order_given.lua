-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
-- args: --target none --match first:accept --target dropped
function none() end
function first(pkt) return select(6, pkt:tuple()) == 1 end
function dropped() return "drop" end
