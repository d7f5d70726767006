-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
local frame, held, held_frame

function target(pkt)
  local port = select(6, pkt:tuple())
  if port == 1 then
    frame = pkt:frame()
    return "accept"
  elseif port == 2 then
    same("0", #frame)
    same("", frame:tostring())
    same("", frame:get(1))
    held, held_frame = pkt, pkt:frame()
    return "stolen"
  end
  same("14", #held_frame)
  assert(rawequal(held:frame(), held_frame), "another object")
  held:close()
  same("0", #held_frame)
  return "accept"
end
