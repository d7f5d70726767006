-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  local kept
  do
    local m <close> = memory.create()
    m:resize(5, "x")
    kept = m
  end
  same("other 0", memory.type(kept), #kept)
  raises("bad argument", kept.resize, kept, 3)

  local frame = pkt:frame()
  do
    local reference <close> = frame
  end
  same("other 0", memory.type(frame), #frame)
  raises("", function() local fixed <close> = memory.create(1) end)
  return "accept"
end
