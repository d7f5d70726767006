-- SPDX-License-Identifier: GPL-2.0-or-later
-- The same filters as a tap of tshark (its Lua is 5.2). Prints how many packets it counted.
--   tshark -n -q -X lua_script:tap.lua -X lua_script1:trivial -r CAPTURE      (or fields, search)
local mode = ...
local NEEDLE = "\r\nHost: "
local PT_TCP, PT_UDP = 2, 3 -- pinfo.port_type

local busy = {}
for i = 0, 99 do busy[80 + 33 * i] = true end

local payload = mode == "search" and Field.new("tcp.payload")

local filters = {}

function filters.trivial()
  return true
end

function filters.fields(pinfo)
  local kind, dport = pinfo.port_type, pinfo.dst_port
  return (kind == PT_TCP or kind == PT_UDP) and busy[dport] == true and pinfo.src_port ~= dport and
    pinfo.src ~= pinfo.dst
end

function filters.search()
  local found = payload()
  return found and found.value:raw():find(NEEDLE, 1, true) ~= nil
end

local matches = filters[mode]
local counted = 0
local tap = Listener.new("frame")

function tap.packet(pinfo)
  if matches(pinfo) then counted = counted + 1 end
end

function tap.draw()
  print(counted)
end
