-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: long_options4
-- only: replay (a kernel drops such IP headers before its hooks)
function target(pkt)
  local line = tostring(pkt)
  assert(line:find("58", 1, true), line .. ": no length")
  assert(not line:find("\n"), "two lines")
  return "accept"
end
