-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: no
-- A callback loads short chunks only.
local source = "return 1 --" .. ("x"):rep(1 << 14)
function match()
  return load(source) ~= nil
end
