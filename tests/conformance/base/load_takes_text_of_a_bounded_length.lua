-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
local at_load = assert(load("return ...", "=given"))
local long = assert(load("return 1" .. (" "):rep(20000)))

function target()
  same("5", at_load(5))
  same("1", long())
  same("3", load("return 1 + 2")())
  same("6", load("return x", "=chunk", "t", {x = 6})())
  local pieces = {"return ", "4", "2"}
  local i = 0
  same("42", load(function() i = i + 1 return pieces[i] end)())
  local function refused(...)
    local f, message = load(...)
    same("nil string", f, type(message))
  end
  refused("return +")
  refused("\27Lua")
  refused("\27LuaS\0\25\147\r\n\26\n", "=bytecode", "b")
  refused("\27LuaS\0\25\147\r\n\26\n", "=bytecode", "bt")
  refused("return 1", "=text", "b")
  refused("return 1" .. (" "):rep(16384))
  refused(function() return (" "):rep(1000) end)
  raises("bad argument", load, {})
  return "accept"
end
