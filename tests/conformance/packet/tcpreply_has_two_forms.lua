-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4
function target(pkt)
  same("true", pkt:tcpreply("hello"))
  same("true", pkt:tcpreply(memory.create("hello")))
  same("true", pkt:tcpreply("t", "hello"))
  same("true", pkt:tcpreply("tcp", memory.create("hello")))
  raises("bad argument", pkt.tcpreply, pkt)
  raises("bad argument", pkt.tcpreply, pkt, {})
  raises("bad argument", pkt.tcpreply, pkt, "udp", "hello")
  raises("bad argument", pkt.tcpreply, pkt, "", "hello")
  raises("bad argument", pkt.tcpreply, pkt, "tcp", nil)
  raises("bad argument", pkt.tcpreply, pkt, "tcp", {})
  return "drop"
end
