-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  same("number", type(collectgarbage("count")))
  assert(collectgarbage("count") > 0)
  for _, option in ipairs({"collect", "stop", "restart", "step", "incremental", "generational"}) do
    raises("bad argument", collectgarbage, option)
  end
  raises("bad argument", collectgarbage)
  return "accept"
end
