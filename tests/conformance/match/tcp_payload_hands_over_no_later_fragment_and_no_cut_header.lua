-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: later4 cut_tcp4
-- args: --match seen --tcp-payload
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
function seen() return true end
