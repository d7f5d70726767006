-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each lookup walks a chain of 4096.
local t = {}
for i = 1, 4096 do t[i * 4095] = true end
function match()
  while true do local _ = t[4095 * 5000] end
end
