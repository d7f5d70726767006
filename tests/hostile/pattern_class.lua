-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each character costs 500 comparisons.
local s = ("b"):rep(1 << 20)
function match()
  while true do s:find("[" .. ("a"):rep(500) .. "b]-c") end
end
