-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --max-load-instructions 1000000
while true do end
