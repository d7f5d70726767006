-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: no
-- 2^62 copies of an empty string.
function match()
  return #string.rep("", 2^62) > 0
end
