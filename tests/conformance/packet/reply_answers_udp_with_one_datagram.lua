-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp6 no_checksum4 empty_udp4
function target(pkt)
  same("true", pkt:reply("hello"))
  return "drop"
end
