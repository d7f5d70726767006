-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Digits that take long to round.
local s = "0." .. ("7"):rep(180)
function match()
  while true do local _ = s * 1 end
end
