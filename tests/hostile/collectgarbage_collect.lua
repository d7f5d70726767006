-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error only 'count' is granted
-- Scripts do not steer the collector.
function match()
  collectgarbage("collect")
end
