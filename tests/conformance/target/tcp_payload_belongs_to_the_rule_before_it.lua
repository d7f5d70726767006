-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: ack4 tcp4
-- args: --target counts --target payload --tcp-payload
function counts(pkt) print(#pkt) end
function payload() return "drop" end
