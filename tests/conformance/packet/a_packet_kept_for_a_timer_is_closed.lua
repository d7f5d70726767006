-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  timer.create(1, function()
    raises("closed packet", pkt.unpack, pkt, "B")
    same("packet (closed)", pkt)
    print("timer ran")
  end)
end
