-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: bundle4 bundle6 jumbo6 bundle_vxlan4
-- args: --target target --tcp-payload --target rest --max-instructions 10000000
-- only: replay (a router takes no packets of that size from a link)
local BYTES <const> = 5 + 2048 * 33
local HEADERS <const> = {40, 60, 68}
local count = 0

function target(pkt)
  count = count + 1
  same(BYTES + HEADERS[count], #pkt)
  local _, protocol, _, sport, _, dport = pkt:tuple()
  same("6 40000 80", protocol, sport, dport)
  same(HEADERS[count] + 1 .. " " .. BYTES, pkt:payload())
  same("GET /", (pkt:unpack("c5", HEADERS[count] + 1)))
  same(#pkt - 3, pkt:find("\xfc\xfd\xfe\xff", -8))
  same("number", type(pkt:connid()))
  return "accept"
end

function rest(pkt)
  same("29 " .. 8 + 14 + 40 + BYTES, pkt:payload())
  same("number", type(pkt:connid()))
  local _, _, _, sport, _, dport, position = pkt:inner()
  same("40000 80 91", sport, dport, position)
  return "accept"
end
