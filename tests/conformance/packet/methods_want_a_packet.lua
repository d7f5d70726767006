-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  for _, other in ipairs({1, "packet", {}, memory.create(2), print}) do
    raises("packet", pkt.tuple, other)
    raises("packet", pkt.unpack, other, "B")
  end
  raises("packet", pkt.connid)
  return "accept"
end
