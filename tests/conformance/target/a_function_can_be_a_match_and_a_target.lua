-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --match f --target f
function f() return "drop" end
