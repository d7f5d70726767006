-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6 udp4_7
local function loop() while true do end end

local ways = {
  function() while true do pcall(loop) end end,
  function() xpcall(loop, loop) end,
  function() local guard <close> = setmetatable({}, {__close = loop}) loop() end,
  function() table.sort({3, 1, 2}, function() loop() end) end,
  function() return setmetatable({}, {__index = function() loop() end}).field end,
  function() return ("x"):gsub("x", function() loop() end) end,
}

function target(pkt)
  local way = ways[select(6, pkt:tuple())]
  if way then way() end
  return "accept"
end
