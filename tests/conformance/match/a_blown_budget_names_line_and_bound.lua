-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
-- args: --max-instructions 50000
local function spin()
  for _ = 1, math.huge do
    local _ = 1
  end
end

local CALLS <const> = {
  spin,
  function() while true do pcall(error) end end,
  function() string.rep("x", 1000):gsub("x", spin) end,
}

function match(pkt)
  CALLS[select(6, pkt:tuple())]()
  return true
end
