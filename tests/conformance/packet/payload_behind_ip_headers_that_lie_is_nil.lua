-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: lying_extension6 long_options4
-- only: replay (a kernel drops such IP headers before its hooks)
function target(pkt)
  local position, message = pkt:payload()
  same("nil string", position, type(message))
  return "accept"
end
