-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: no
-- The parser recurses.
function match()
  return load("return " .. ("("):rep(600) .. "1" .. (")"):rep(600)) ~= nil
end
