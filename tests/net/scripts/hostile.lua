-- SPDX-License-Identifier: GPL-2.0-or-later
-- Each function uses up another bound on every packet.

function loop() while true do end end

function eat()
  local eaten = {}
  for index = 1, 1e9 do eaten[index] = ("x"):rep(1000) .. index end
end

function nest() return 1 + nest() end

function arm()
  for _ = 1, 10 do timer.create(2 ^ 31 - 1, print) end
end

function hold() return "stolen" end

function babble() return "perhaps" end
