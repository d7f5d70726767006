-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5
-- Each way to use up the budget ends; the packet after it finds the state at work.
local ways = {
  function() while true do end end,
  function() while true do pcall(error) end end,
  function() while true do coroutine.wrap(function() while true do end end)() end end,
  function() return ("x"):rep(100000):find((".-"):rep(20) .. "y") end,
}

function match(pkt)
  local way = ways[select(6, pkt:tuple())]
  if way then way() end
  return true
end
