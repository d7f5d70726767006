-- SPDX-License-Identifier: GPL-2.0-or-later
-- Tells of each TCP and UDP packet how long it is, and of what it says to be a bundle.
function match(pkt)
  local family, protocol, _, _, _, port = pkt:tuple()
  local position, length = pkt:payload()
  local size, why = pkt:segment_size()
  if protocol == 6 or protocol == 17 then
    print(("bundle ipv%d protocol=%d port=%d bytes=%d payload=%d+%d segment=%s %s"):format(
      family, protocol, port, #pkt, position, length, size, why))
  end
  return false
end
