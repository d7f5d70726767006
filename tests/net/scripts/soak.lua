-- SPDX-License-Identifier: GPL-2.0-or-later
-- For soaks: one packet in ten is stolen, and sent, closed or forgotten later; some calls fail.

local seen, fates = 0, {}

fates[0] = function(pkt) pkt:send() end
fates[1] = function(pkt) pkt:close() end
fates[2] = function() end -- abandoned: the collector closes it

function hold(pkt)
  seen = seen + 1
  if seen % 10 ~= 0 then return "accept" end
  local fate = fates[seen // 10 % 3]
  timer.create(seen // 10 % 20, function() fate(pkt) end)
  return "stolen"
end

local failures = {
  [0] = function() error({}) end,
  [1] = function() while true do end end,
  [2] = function() return ("x"):rep(1 << 40) end,
  [3] = function() local function deeper() return 1 + deeper() end return deeper() end,
  [4] = function() local t = {} for i = 1, 1 << 30 do t[i] = {} end end,
}

function fail()
  seen = seen + 1
  failures[seen % 5]()
end

function slow()
  for _ = 1, 20000 do end
  seen = seen + 1
  return seen % 3 == 0 and "drop" or "accept"
end

function on_unload() return { seen = seen } end
function on_reload(old) seen = old.seen end
