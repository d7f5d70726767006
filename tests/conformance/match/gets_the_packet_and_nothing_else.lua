-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function match(...)
  same("1 userdata packet", select("#", ...), type(...), getmetatable(...))
  return true
end
