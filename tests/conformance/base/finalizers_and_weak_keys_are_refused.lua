-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  raises("__gc", setmetatable, {}, {__gc = function() end})
  raises("__mode", setmetatable, {}, {__mode = "k"})
  raises("__mode", setmetatable, {}, {__mode = "kv"})
  same("table", type(setmetatable({}, {__mode = "v"})))
  same("table", type(setmetatable({}, nil)))
  raises("protected metatable", setmetatable, setmetatable({}, {__metatable = 1}), {})
  return "accept"
end
