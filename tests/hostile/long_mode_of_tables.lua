-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A __mode of a megabyte, searched when it is set.
local mt = {__mode = ("x"):rep(1 << 20)}
function match()
  while true do setmetatable({}, mt) end
end
