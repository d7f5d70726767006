-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target(pkt)
  same("fixed", memory.type(memory.create(1)))
  same("resizable", memory.type(memory.create()))
  same("other", memory.type(pkt:frame()))
  for _, value in ipairs({"string", 1, true, {}, print}) do same("nil", memory.type(value)) end
  same("nil", memory.type(nil))
  same("nil", memory.type(pkt))
  same("7", memory.len("0123456"))
  same("0", memory.len(""))
  same("9", memory.len(memory.create(9)))
  local m = memory.create(9)
  same("9 9", #m, m:len())
  raises("bad argument", memory.len, {})
  raises("bad argument", memory.len)
  return "accept"
end
