-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- data: {"port": 12, "text": "ping"}
-- only: replay (--data is replay's)
function __receive_callback(port, message)
  same("4", netlink.send(port, 0, message))
end

function target() return "accept" end
