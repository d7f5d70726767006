-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6
local CALLS <const> = {
  function(pkt) return pkt:paylod() end,
  function() return memory.crate(3) end,
  function() return memory.create(3):fil(0) end,
  function() return packet.ntpo(1) end,
  function(pkt) return pkt:wonderful() end,
  function() return ({}).paylod() end,
}

function match(pkt)
  -- To ask is no error.
  same("nil nil nil", pkt.stream, memory.copy, conn.find_all)
  return CALLS[select(6, pkt:tuple())](pkt)
end
