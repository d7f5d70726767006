-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Nothing repeats it but the call; each instruction hashes a float.
local long = load("local t, x = {}, 1.7 return function() " .. ("t[x] = 1 "):rep(2000) .. "end")()
function match()
  while true do long() end
end
