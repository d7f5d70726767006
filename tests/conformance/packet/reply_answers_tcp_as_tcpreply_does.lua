-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: tcp4 tcp6 syn4
function target(pkt)
  local replied, message = pkt:reply("hello")
  if #pkt > 40 then same("true", replied) else same("nil string", replied, type(message)) end
  return "drop"
end
