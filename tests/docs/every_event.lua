-- SPDX-License-Identifier: GPL-2.0-or-later
-- Causes each event that docs/events.md has, over any capture of a dozen packets.
local number = 0
local held = {}

print("while it loads")

local function steal(pkt)
  held[#held + 1] = pkt
  return "stolen"
end

local steps = {
  function()
    print("in a callback")
    return "drop"
  end,
  function() return "queue", 5 end,
  function() return "stop" end,
  function() error("words") end,
  steal,
  steal,
  steal,
  function()
    held[1]:send()
    held[2]:close()
    held[3]:send(("x"):rep(70000))
    return "accept"
  end,
  function(pkt)
    pkt:mark(7)
    timer.create(1000000, function() timer.create(0, print) end)
    netlink.send(1, 2, "datagram")
    return "accept"
  end,
}

function marked() return false end

function target(pkt)
  if pkt:reply("answer") then return "drop" end
  number = number + 1
  local step = steps[number]
  if step then return step(pkt) end
  return "repeat"
end
