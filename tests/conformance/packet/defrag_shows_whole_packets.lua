-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: first4 later4 udp4
-- replay: --defrag
function target(pkt)
  same("integer", math.type(pkt:connid()))
  print(#pkt)
  return "accept"
end
