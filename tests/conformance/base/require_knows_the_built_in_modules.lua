-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
local early = require("memory")

function target()
  for _, name in ipairs({"memory", "conn", "netlink", "packet", "timer"}) do
    assert(require(name) == _G[name], name)
  end
  assert(early == memory)
  raises("not found", require, "socket")
  raises("not found", require, "io")
  raises("bad argument", require)
  return "accept"
end
