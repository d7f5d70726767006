-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- A million steps are not enough for this many searches of a memory's bytes.
function target(pkt)
  local hay = memory.create(1000000)
  for _ = 1, 1000 do hay:find("needle") end
  return "drop"
end
