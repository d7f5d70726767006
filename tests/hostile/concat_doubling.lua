-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error not enough memory
-- One string, twice as long each time.
function match()
  local s = "x"
  while true do s = s .. s end
end
