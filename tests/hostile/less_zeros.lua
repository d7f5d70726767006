-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each zero byte is a comparison of its own.
local a = ("\0"):rep(1 << 20)
local b = ("\0"):rep((1 << 20) - 1) .. "\1"
function match()
  while true do local _ = a < b end
end
