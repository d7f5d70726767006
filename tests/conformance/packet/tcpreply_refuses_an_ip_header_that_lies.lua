-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: long_options4
-- only: replay (a kernel drops such IP headers before its hooks)
function target(pkt)
  local replied, message = pkt:tcpreply("hello")
  same("nil string", replied, type(message))
  return "accept"
end
