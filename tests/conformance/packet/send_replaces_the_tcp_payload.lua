-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: syn4 synack4 syn6 synack6 tcp4 tcp4 tcp4 tcp4 options4 tcp6 extended6 udp4
-- The connections are there first: a kernel's conntrack lets one packet only make a connection, and
-- drops others that were held along with it.
local request = "GET / HTTP/1.1\r\n\r\n"
local same_length = memory.create((request:gsub("GET", "PUT")))
local payloads = {same_length, "short", "", request .. request, "short", "short", "short"}
local held = {}

function target(pkt)
  if select(2, pkt:payload()) == 0 then return "accept" end
  if #held < #payloads then
    held[#held + 1] = pkt
    return "stolen"
  end
  for i, payload in ipairs(payloads) do same("true", held[i]:send(payload)) end
  return "drop"
end
