-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function Match() return true end
