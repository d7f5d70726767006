-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  same("true", pkt:reply(memory.create("hello")))
  same("true", pkt:reply(""))
  raises("bad argument", pkt.reply, pkt)
  raises("bad argument", pkt.reply, pkt, {})
  local replied, message = pkt:reply(memory.create(65535))
  same("nil string", replied, type(message))
  return "drop"
end
