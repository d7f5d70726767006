-- SPDX-License-Identifier: GPL-2.0-or-later
-- Lets each source address send 50 packets a second and drops the rest.
--
--   nflua replay examples/rate_limit.lua tests/captures/flood.pcap
--   nflua run --hook forward --in-interface lan0 examples/rate_limit.lua
--
-- The second starts with the first packet after a quiet one. Not caught: twice the limit in a short
-- time around the end of a second; a flood from many addresses. Of more than 10 000 sources in one
-- second, the later ones pass uncounted, and a line in the log says how many packets that were.

local limit, max_sources = 50, 10000

local counts, sources, uncounted, dropped = {}, 0, 0, 0
local running = false

local function end_second()
  if dropped > 0 then print("dropped", dropped, "packets of", sources, "sources") end
  if uncounted > 0 then print("too many sources:", uncounted, "packets passed uncounted") end
  counts, sources, uncounted, dropped = {}, 0, 0, 0
  running = false
end

function match(pkt)
  local family, _, source = pkt:tuple()
  if not family then return false end
  if not running then
    timer.create(1000, end_second)
    running = true
  end

  local count = counts[source]
  if not count then
    if sources == max_sources then
      uncounted = uncounted + 1
      return false
    end
    sources = sources + 1
    count = 0
  end
  counts[source] = count + 1
  if count < limit then return false end
  dropped = dropped + 1
  return true
end
