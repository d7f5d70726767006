-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error stack overflow
-- Its frames are large: the C stack ends long before the calls are too many.
function match()
  local object
  object = setmetatable({}, { __tostring = function() return ("%s"):format(object) end })
  return ("%s"):format(object)
end
