-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- An instruction that formats four floats.
function match()
  while true do local _ = 5e-324 .. 1e-300 .. 1.7e308 .. 0.1 end
end
