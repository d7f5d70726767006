-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Reading the digits is paid for by the byte; turning them into a number must be as well.
local source = "return 0x" .. ("1"):rep(16000)
function match()
  while true do load(source) end
end
