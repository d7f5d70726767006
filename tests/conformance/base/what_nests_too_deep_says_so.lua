-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
local function nest(depth)
  return (("x"):gsub("x", function() return depth > 0 and nest(depth - 1) or "y" end))
end

function target()
  same("y", nest(3))
  raises("stack overflow", nest, 1000)
  same("y", nest(3))
  return "accept"
end
