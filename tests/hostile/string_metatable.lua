-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error
-- The metatable of strings is not to be had.
function match()
  getmetatable("").__index = {}
end
