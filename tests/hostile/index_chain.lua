-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that looks into 1990 tables.
local t = {}
for _ = 1, 1990 do t = setmetatable({}, {__index = t}) end
function match()
  while true do local _ = t.x end
end
