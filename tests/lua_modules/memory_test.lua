-- SPDX-License-Identifier: GPL-2.0-or-later
-- What memory.so must do beyond the conformance cases: live beside other libraries, finalizers and
-- the collector of a program.
dofile((arg[0]:gsub("[^/]*$", "")) .. "check.lua")
local memory = require("memory")
local tests = {}

function tests.userdata_of_others_are_none_of_ours()
  same("nil", memory.type(io.stdout))
  raises("string or memory expected", memory.tostring, io.stdout)
  raises("memory expected", memory.set, io.stdout, 1, 0)
  raises("string or memory expected", memory.find, memory.create("a"), io.stdout)
end

function tests.a_mistake_is_told_with_its_line()
  raises("memory_test.lua:17: bad argument #1 to 'create'", function()
    local m = memory.create({})
    return m
  end)
end

function tests.the_bounds_of_the_engine_stay()
  local m = memory.create(2 ^ 20 + 1)
  same("1048577 nil", #m, m:find("x"))
  raises("resulting string too large", m.tostring, m)
  same("1048576", #m:tostring(2))
  raises("invalid size", memory.create, 2 ^ 32)
  raises("format too long", m.unpack, m, ("B"):rep(1025))
end

-- Calls `code` from within whatever allocates next, and ever again until it answers true.
local function when_collecting(code)
  setmetatable({}, {__gc = function() return code() or when_collecting(code) end})
end

-- Cycles of the collector follow each other, and each ends within a few allocations.
local function with_a_hasty_collector(test)
  collectgarbage("incremental", 1, 1000, 1)
  test()
  collectgarbage("incremental", 200, 100, 13)
end

-- Leaves so much to collect that what a finalizer let go goes soon.
local function hurry_on()
  return ("x"):rep(2 ^ 20) ~= nil
end

local STRINGS, BYTES = 340, 50
local MANY = ("c" .. BYTES):rep(STRINGS)
local ALL = ("a"):rep(STRINGS * BYTES)

-- unpack(m, ...), and while it runs a finalizer takes the bytes of m, a resizable memory of a's.
local function unpack_fleeting(...)
  local m = memory.create()
  m:resize(#ALL, "a")
  local started = false
  when_collecting(function()
    if not started then return false end
    m:resize(0)
    return hurry_on()
  end)
  started = true
  local results = table.pack(m:unpack(...))
  same("0", #m)
  return results
end

function tests.a_finalizer_can_not_take_the_bytes_from_unpack()
  with_a_hasty_collector(function()
    local strings = unpack_fleeting(MANY)
    assert(table.concat(strings, "", 1, STRINGS) == ALL)
  end)
end

function tests.a_finalizer_can_not_take_the_format()
  with_a_hasty_collector(function()
    when_collecting(function()
      for i = 1, 500 do memory.unpack(("x"):rep(i), "c" .. i) end
      return hurry_on()
    end)
    local strings = table.pack(memory.unpack(ALL, MANY))
    assert(table.concat(strings, "", 1, STRINGS) == ALL)
  end)
end

function tests.nothing_is_left_of_what_was_closed_or_dropped()
  collectgarbage("incremental")
  local before
  for round = 1, 20 do
    for _ = 1, 100 do
      local m <close> = memory.create()
      m:resize(10000, "x")
      memory.create(10000)
      pcall(m.resize, m, -1)
    end
    collectgarbage()
    collectgarbage()
    if round == 10 then before = collectgarbage("count") end
  end
  local grown = collectgarbage("count") - before
  assert(grown < 10, grown .. " KiB more after each 1000 memories")
end

function tests.a_second_state_of_the_module_is_the_same_one()
  package.loaded.memory = nil
  local again = require("memory")
  same("abc", memory.tostring(again.create("abc")))
  package.loaded.memory = memory
end

run(tests)
