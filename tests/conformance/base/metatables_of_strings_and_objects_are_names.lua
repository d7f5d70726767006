-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  for _, object in ipairs({"", pkt, memory.create(1), timer.create(0, print)}) do
    same("string", type(getmetatable(object)))
  end
  same("packet", getmetatable(pkt))
  same("nil", getmetatable({}))
  same("nil", getmetatable(1))
  return "accept"
end
