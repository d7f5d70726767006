-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: ends
-- More and more memory is held.
local hold = {}
function match()
  for i = 1, 1 << 30 do hold[i] = ("x"):rep(100000) .. i end
end
