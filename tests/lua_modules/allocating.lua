-- SPDX-License-Identifier: GPL-2.0-or-later
-- For failing_allocations: a function that uses what allocates in both modules, and goes on after
-- an error.
local nflua = require("nflua")
local memory = require("memory")
local PORT = math.tointeger(os.getenv("NFLUA_TEST_PORT"))

local function use_memory(m)
  pcall(m.resize, m, 100, "x")
  pcall(m.unpack, m, "c50 c50")
  pcall(m.pack, m, "s2", 1, "text")
  pcall(memory.create, m, 2, 50)
  pcall(function() return m .. m end)
end

local function use_control(c, m)
  pcall(c.create, c, "echo", 65536)
  pcall(c.execute, c, "echo", "x = 1")
  pcall(c.evaluate, c, "echo", m)
  pcall(c.list, c)
  pcall(c.bind, c, "echo", "--hook", "forward")
  pcall(c.destroy, c, "nobody")
  pcall(c.setblocking, c, false)
  pcall(c.destroy, c, "nobody")
  pcall(c.receive, c)
end

local function use_data(d, m)
  pcall(d.send, d, "echo", m)
  pcall(d.receive, d, m, 50)
  pcall(d.send, d, "echo", "a text of more than a few bytes")
  pcall(d.receive, d)
  pcall(d.counters, d)
end

return function()
  local m <close> = memory.create()
  local c <close> = nflua.control({port = PORT, timeout = 0.01})
  local d <close> = nflua.data({port = PORT, timeout = 0.01})
  use_memory(m)
  use_control(c, m)
  use_data(d, m)
end
