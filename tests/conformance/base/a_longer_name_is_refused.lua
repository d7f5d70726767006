-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --match n234567890123456789012345678901234567890123456789012345678901234
function match() return true end
