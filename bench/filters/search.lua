-- SPDX-License-Identifier: GPL-2.0-or-later
-- Searches the TCP payload.
local TCP <const> = 6
local NEEDLE <const> = "\r\nHost: "

function match(pkt)
  local _, protocol = pkt:tuple()
  if protocol ~= TCP then return false end
  local from, size = pkt:payload()
  return size > 0 and pkt:find(NEEDLE, from) ~= nil
end
