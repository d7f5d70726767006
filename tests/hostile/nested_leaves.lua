-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: ends
-- Where no further call would be let in, what takes the most of the C stack by itself.
local index
do -- as deep as the stack lets it be read: the message names a key of a key of a key …
  local depth = 60
  repeat
    depth = depth - 1
    index = load("return k" .. ("[k"):rep(depth) .. "[1]" .. ("]"):rep(depth) .. ".x")
  until index
end
k = setmetatable({}, {__index = function() end})

local leaves = {
  index,
  function() return print("x", 1e-300, {}) end,
  function() return ("%99.99f"):format(1e300) end,
  function() return xpcall(error, function(e) return e .. 1e-300 end, "e") end,
  function() return ("x"):rep(300):gsub("(x)", "%1%1") end,
  function() return load("return {{{1}}}, (((function() return k end)))") end,
  function() local t = {} for i = 1, 200 do t[i] = i * 7919 % 211 end table.sort(t) end,
  function() return packet.pton("2001:db8::1"), pkt:tuple(), tostring(pkt) end,
}
local function tostring_of(f) return setmetatable({}, {__tostring = function() f() return "x" end}) end
local ways = {
  pcall,
  function(f) return tostring(tostring_of(f)) end,
  function(f) return ("%s"):format(tostring_of(f)) end,
  function(f) return (("x"):gsub("x", function() f() end)) end,
  function(f) return coroutine.wrap(f)() end,
}
local is_done
local function nest(way, leaf)
  pcall(way, function() nest(way, leaf) end)
  if not is_done then is_done = true pcall(leaf) end
end
-- So that they end at different places.
local function nest_after(pads, way, leaf)
  if pads == 0 then return nest(way, leaf) end
  tostring(tostring_of(function() nest_after(pads - 1, way, leaf) end))
end

function match(packet)
  pkt = packet
  for _, leaf in ipairs(leaves) do
    for _, way in ipairs(ways) do
      for pads = 0, 1 do
        is_done = false
        pcall(nest_after, pads, way, leaf)
      end
    end
  end
  return false
end
-- In a chunk, too, which has a stack of its own size.
match()
