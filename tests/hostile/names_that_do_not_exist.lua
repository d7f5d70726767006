-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: budget
-- Each is compared with all names that there are.
function match(pkt)
  while true do
    local _ = memory.nothing_like_it_anywhere, pkt.nothing_like_it_anywhere
  end
end
