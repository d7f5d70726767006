-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4
function target(pkt)
  same("true", pkt:tcpreply("hello"))
  same("GET 44", pkt:unpack("c3", 41))
  return "accept"
end
