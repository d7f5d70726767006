-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Neither array nor comparator are Lua code.
local t = setmetatable({}, {__len = function() return 1 << 30 end, __index = math})
function match()
  table.sort(t, rawequal)
end
