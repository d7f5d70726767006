-- SPDX-License-Identifier: GPL-2.0-or-later
-- Drops packets from and to addresses on a list that is changed while packets flow, and tells the
-- listeners of netlink group 1 of the first packet of each address that it dropped.
--
--   nflua daemon &
--   nflua create block_list
--   nflua execute block_list examples/block_list.lua
--   nflua bind block_list --hook forward
--   nflua send block_list "add 192.0.2.7 2001:db8::7"
--   nflua receive --groups 1
--
-- Messages: "add ADDRESS…", "remove ADDRESS…", "clear". A reload keeps the list. Not caught: an
-- address in a tunnel. At most 100 000 addresses; a message that asks for more is refused, as is one
-- that has something else than addresses: the sender is told, and nothing of it is done.

local max_addresses, group = 100000, 1

local blocked, count = {}, 0
local told = {}

local function set(address, value)
  if blocked[address] == value then return end
  blocked[address] = value
  told[address] = nil
  count = count + (value and 1 or -1)
end

local function addresses_in(text)
  local addresses = {}
  for word in text:gmatch("%S+") do
    local address, message = packet.pton(word)
    if not address then error(word .. ": " .. message) end
    addresses[#addresses + 1] = address
  end
  return addresses
end

local commands = {
  add = function(addresses)
    if count + #addresses > max_addresses then error("the list is full") end
    for _, address in ipairs(addresses) do set(address, true) end
  end,
  remove = function(addresses)
    for _, address in ipairs(addresses) do set(address, nil) end
  end,
  clear = function() blocked, count, told = {}, 0, {} end,
}

function __receive_callback(_, message)
  local word, rest = tostring(message):match("^%s*(%a+)(.*)$")
  local command = commands[word]
  if not command then error("expected add, remove or clear") end
  command(addresses_in(rest))
end

local function tell(address)
  if told[address] then return end
  told[address] = true
  netlink.send(0, 1 << (group - 1), "blocked " .. packet.ntop(address))
end

function match(pkt)
  local family, _, source, _, destination = pkt:tuple()
  if not family then return false end
  local address = blocked[source] and source or blocked[destination] and destination
  if not address then return false end
  tell(address)
  return true
end

function on_unload() return blocked end

function on_reload(old)
  for address in pairs(old or {}) do set(address, true) end
end
