-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- The same through the API.
local t = {}
for i = 1, 4096 do t[i * 4095] = true end
function match()
  while true do rawget(t, 4095 * 5000) end
end
