-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- __len lies.
local t = setmetatable({}, {
  __len = function() return 1 << 53 end,
  __index = function() return "" end,
  __newindex = function() end,
})
function match()
  table.insert(t, 1, 1)
end
