-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 tcp6 fin4 ack4 synack4 options4
function target(pkt)
  same("true", pkt:tcpreply("tcp", "hello"))
  return "drop"
end
