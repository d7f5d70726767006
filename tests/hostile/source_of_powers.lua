-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Constants are computed while the source is read.
local source = ("x=.1^.3^.7^.9 "):rep(1000)
function match()
  while true do load(source) end
end
