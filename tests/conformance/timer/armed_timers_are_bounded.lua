-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --max-timers 2
function target()
  local function f() print("ran") end
  timer.create(1, f)
  local second = timer.create(1, f)
  raises("timer", timer.create, 1, f)
  timer.destroy(second)
  timer.create(2, f)
  return "accept"
end
