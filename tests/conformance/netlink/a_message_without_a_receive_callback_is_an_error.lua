-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- data: {"text": "lost"}
-- only: replay (--data is replay's)
function target() return "accept" end
