-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each is an event.
function match()
  while true do pcall(netlink.send, 1, 1, "") end
end
