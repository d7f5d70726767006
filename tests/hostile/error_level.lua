-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error level
-- Each level walks the stack.
function match()
  error("x", 2^30)
end
