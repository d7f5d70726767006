-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Handlers that raise.
function match()
  while true do xpcall(error, function(e) error(e) end) end
end
