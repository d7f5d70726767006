-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --match hot:accept --target after
function hot() return "hotdrop" end
function after() return "accept" end
