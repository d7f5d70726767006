-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- A __mode of a megabyte, searched for each table that is marked.
local mt, heap = {}, {}
for i = 1, 200000 do heap[i] = setmetatable({}, mt) end
mt.__mode = ("x"):rep(1 << 20)
function match()
  while true do local _ = {} end
end
