-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A loop.
function match()
  for _ in pairs(setmetatable({}, {__pairs = function() return function() return 1 end end})) do end
end
