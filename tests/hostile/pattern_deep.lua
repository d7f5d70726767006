-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error pattern too complex
-- The matcher calls itself for each item.
local s = ("a"):rep(300)
function match()
  return s:find(("a-"):rep(250) .. "b")
end
