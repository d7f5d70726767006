-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4
function target(pkt)
  local replied, message = pkt:tcpreply(memory.create(65537))
  same("nil string", replied, type(message))
  return "accept"
end
