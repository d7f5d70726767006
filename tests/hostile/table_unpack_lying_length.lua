-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error too many results
-- __len lies.
local t = setmetatable({}, {__len = function() return 1 << 30 end})
function match()
  table.unpack(t, 1, #t)
end
