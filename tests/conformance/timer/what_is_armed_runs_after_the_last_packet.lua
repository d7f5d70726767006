-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- only: replay (a live run ends by a signal, not with its packets)
function target(pkt)
  timer.create(60000, function()
    print("a minute later")
    timer.create(1000, function() print("what is armed then does not run") end)
  end)
  return "accept"
end
