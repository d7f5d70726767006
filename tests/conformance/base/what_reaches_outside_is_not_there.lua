-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  for _, name in ipairs({"io", "debug", "package", "dofile", "loadfile"}) do
    assert(_G[name] == nil, name .. " is there")
  end
  assert(string.dump == nil, "string.dump is there")
  for name in pairs(os) do same("time", name) end
  for _, library in ipairs({coroutine, table, string, utf8, math}) do
    same("table", type(library))
  end
  for _, module in ipairs({conn, memory, netlink, packet, timer}) do
    same("table", type(module))
  end
  return "accept"
end
