-- SPDX-License-Identifier: GPL-2.0-or-later
-- Timers of all kinds. EVALUATE arms them.
ran, early, order = 0, 0, {}

local function now_ns() return select(2, os.time()) end

local function check(msecs)
  local start = now_ns()
  return function()
    ran = ran + 1
    order[#order + 1] = msecs
    if now_ns() - start < msecs * 1000000 then early = early + 1 end
  end
end

function arm(...)
  for _, msecs in ipairs({...}) do timer.create(msecs, check(msecs)) end
end

function arm_many(count, msecs)
  for _ = 1, count do timer.create(msecs, check(msecs)) end
end

-- Each one arms the next.
function go_on_for_ever()
  ran = ran + 1
  timer.create(0, go_on_for_ever)
end

function arm_by_packet(pkt)
  timer.create(1, check(1))
  return "accept"
end

-- One is destroyed by another, and one while it runs.
function destroy_some()
  local victim = timer.create(200, function() print("the victim ran") end)
  timer.create(20, function() print("destroyed", timer.destroy(victim)) end)
  timer.create(40, function() print("again", timer.destroy(victim)) end)
  local own
  own = timer.create(60, function() print("own", timer.destroy(own)) end)
end
