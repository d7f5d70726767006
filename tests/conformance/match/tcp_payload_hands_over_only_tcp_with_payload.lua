-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: syn4 ack4 udp4 ping4 empty_udp4 tcp4 tcp6 options4 extended6 ack6
-- args: --match seen --tcp-payload
function seen() return true end
