-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --match marked:mark=0x05/0x0f
function marked(pkt)
  pkt:mark(0x1ff)
  return true
end
