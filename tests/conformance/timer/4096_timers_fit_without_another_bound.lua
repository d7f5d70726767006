-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- kernel: --max-instructions 1000000
function target()
  local function f() end
  for _ = 1, 4096 do timer.create(1, f) end
  raises("too many timers", timer.create, 1, f)
  return "accept"
end
