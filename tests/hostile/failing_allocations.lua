-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each refusal would run a full collection.
local heap = {}
for i = 1, 400000 do heap[i] = {} end
for i = 1, 30 do heap[#heap + 1] = ("x"):rep((1 << 20) - i) end
local hold = {}
function match()
  while true do pcall(function() hold[#hold + 1] = ("y"):rep(1 << 20) end) end
end
