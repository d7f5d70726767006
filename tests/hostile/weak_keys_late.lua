-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- __mode set after setmetatable: the keys stay strong.
local mt = {}
local weak = setmetatable({}, mt)
mt.__mode = "k"
local nodes = {}
for i = 1, 20000 do nodes[i] = {} end
for i = 20000, 2, -1 do weak[nodes[i]] = nodes[i - 1] end
local last = nodes[20000]
nodes = nil
function match()
  while true do local _ = {last} end
end
