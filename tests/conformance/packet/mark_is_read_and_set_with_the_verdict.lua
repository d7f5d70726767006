-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
-- args: --target sets --target reads
function sets(pkt)
  local port = select(6, pkt:tuple())
  same("0", pkt:mark())
  if port == 1 then pkt:mark(0xff) end
  if port == 2 then
    pkt:mark(0xffffffff)
    pkt:mark(0, 0xffff)
    pkt:mark(0x12345, 0xff)
  end
end

function reads(pkt)
  local port = select(6, pkt:tuple())
  local expected = {0xff, 0xffff0045, 0}
  same(expected[port], pkt:mark())
  return "accept"
end
