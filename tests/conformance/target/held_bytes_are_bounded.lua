-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 empty_udp4 udp4_4
-- args: --max-held-bytes 64
-- The first and the third together are 36 + 28 bytes.
local held = {}

function target(pkt)
  held[#held + 1] = pkt
  if #held < 4 then return "stolen" end
  same("true", held[1]:close())
  same("true", held[3]:close())
end
