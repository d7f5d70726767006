-- SPDX-License-Identifier: GPL-2.0-or-later
-- Looks at each packet for long enough that others come meanwhile, and keeps some for a while.
count = 0

function look(pkt)
  count = count + 1
  for _ = 1, 500 do end
  return pkt:find("never there") ~= nil
end

function hold_some(pkt)
  look(pkt)
  if count % 50 ~= 0 then return "accept" end
  timer.create(1, function() pkt:send() end)
  return "stolen"
end
