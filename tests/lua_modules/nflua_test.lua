-- SPDX-License-Identifier: GPL-2.0-or-later
-- The module nflua against stub_daemon.cpp, whose port is NFLUA_TEST_PORT.
dofile((arg[0]:gsub("[^/]*$", "")) .. "check.lua")
local nflua = require("nflua")
local memory = require("memory")
local PORT = math.tointeger(os.getenv("NFLUA_TEST_PORT"))
local tests = {}

local function control(options)
  options = options or {}
  options.port = options.port or PORT
  return assert(nflua.control(options))
end

local function data(options)
  options = options or {}
  options.port = options.port or PORT
  return assert(nflua.data(options))
end

-- Asks again until the answer isn't "pending"; a program would wait for the descriptor.
local function outcome(socket, ...)
  local last = os.time() + 20
  while os.time() < last do
    local results = table.pack(socket:receive(...))
    if results[2] ~= "pending" then return table.unpack(results, 1, results.n) end
  end
  error("no outcome")
end

-- Of a command that doesn't wait. It may be done at once.
local function result(socket, method, ...)
  local results = table.pack(socket[method](socket, ...))
  if results[2] == "pending" then return outcome(socket) end
  return table.unpack(results, 1, results.n)
end

local function names(list)
  local all = {}
  for i, state in ipairs(list) do all[i] = state.name end
  return table.concat(all, " ")
end

-- Each command, in both modes: what it gives, and why it fails.
local function every_command(c, call)
  same("true", call(c, "create", "one", 65536))
  same("true", call(c, "create", "two"))
  same("nil there is a state of that name", call(c, "create", "two"))
  local list = call(c, "list")
  same("one two", names(list))
  same("65536 1000 0", list[1].maxalloc, list[1].curralloc, list[2].maxalloc)
  same("true", call(c, "execute", "one", "x = 1"))
  same("nil no such state", call(c, "execute", "three", "x = 1"))
  same("nil chunk:1: oops", call(c, "execute", "one", "error chunk:1: oops", "chunk"))
  same("true", call(c, "reload", "one", "x = 2"))
  same("nil reload failed", call(c, "reload", "one", "error reload failed"))
  same("(program): 1 + 1", call(c, "evaluate", "one", "1 + 1"))
  same("name.lua: 1 + 1", call(c, "evaluate", "one", memory.create("(1 + 1)", 2, -2), "name.lua"))
  same("true", call(c, "limits", "one", {max_instructions = 1000, max_timers = 3}))
  same('{"state": "one", "max_instructions": 1000, "max_timers": 3}', call(c, "stats", "one"))
  same("nil no such state", call(c, "limits", "three", {max_timers = 1}))
  assert(call(c, "stats"):find('"state": ""', 1, true))
  same("bound one <--hook> <forward> <--match> <f>",
    call(c, "bind", "one", "--hook", "forward", "--match", "f"))
  same("unbound one", call(c, "unbind", "one"))
  same("true", call(c, "destroy", "one"))
  same("nil no such state", call(c, "destroy", "one"))
  same("true", call(c, "destroy", "two"))
  raises("can't name a state", call, c, "destroy", "")
  same("", names(call(c, "list")))
  same("ready", c:getstate())
end

local function call_waiting(c, method, ...) return c[method](c, ...) end

function tests.each_command_waits_for_its_outcome()
  local c <close> = control()
  every_command(c, call_waiting)
end

function tests.each_command_need_not_wait()
  local c <close> = control({blocking = false})
  every_command(c, result)
end

function tests.the_largest_chunk_and_list_go_through()
  local c <close> = control()
  local chunk = ("-"):rep(59968 - 1) .. "\n"
  for i = 1, 200 do assert(c:create("state" .. i)) end
  same("200", #c:list())
  same("true", c:execute("state1", chunk))
  assert(c:evaluate("state1", chunk, "c") == "c: " .. chunk)
  raises("too long", c.execute, c, "state1", chunk .. " ")
  for i = 1, 200 do assert(c:destroy("state" .. i)) end
  same("0", #c:list())
end

function tests.an_answer_that_never_comes_ends_in_a_message()
  local c <close> = control({timeout = 2})
  assert(c:create("quiet"))
  local none, message = c:execute("quiet", "silent")
  same("nil", none)
  assert(message:find("didn't answer within", 1, true), message)
  same("failed", c:getstate())
  same("true ready", c:destroy("quiet"), c:getstate())
end

function tests.nobody_at_the_port_is_a_message()
  local other = data()
  local port = other:getpid()
  other:close()
  for _, blocking in ipairs({true, false}) do
    local c <close> = control({port = port, blocking = blocking})
    local none, message = c:list()
    same("nil", none)
    assert(message:find(string.format("found no daemon at port %#x", port), 1, true), message)
    same("failed", c:getstate())
  end
end

function tests.a_pending_command_shows_and_excludes_others()
  local c <close> = control({blocking = false})
  same("true", result(c, "create", "slow"))
  same("nil pending", c:execute("slow", "slow"))
  same("waiting", c:getstate())
  raises("another command is pending", c.list, c)
  c:setblocking(true)
  same("true", c:receive())
  raises("no command is pending", c.receive, c)
  c:setblocking(false)
  same("true", result(c, "destroy", "slow"))
end

function tests.a_pending_command_may_be_waited_for_in_vain()
  local c <close> = control({blocking = false, timeout = 0.02})
  same("true", result(c, "create", "quiet"))
  same("nil pending", c:execute("quiet", "silent"))
  c:setblocking(true)
  same("nil pending", c:receive())
  local after <close> = control()
  same("true", after:destroy("quiet"))
end

function tests.the_kernel_module_is_there_or_a_message()
  local c, message = nflua.control({kernel = true})
  assert(c or message:find("found no kernel module xt_lua", 1, true), message)
end

function tests.misuse_raises()
  raises("unknown option 'prot'", nflua.control, {prot = 1})
  raises("unknown option 'ownport'", nflua.control, {ownport = 1})
  raises("unknown option ''", nflua.control, {PORT})
  raises("option 'port'", nflua.control, {port = 0})
  raises("option 'port'", nflua.control, {port = 2 ^ 32})
  raises("option 'timeout'", nflua.control, {timeout = -1})
  raises("option 'timeout'", nflua.control, {timeout = 0 / 0})
  raises("option 'blocking'", nflua.control, {blocking = 1})
  raises("exclude each other", nflua.control, {kernel = true, port = 5})
  raises("option 'groups'", nflua.data, {groups = 1})
  raises("option 'groups'", nflua.data, {groups = {33}})
  raises("option 'groups'", nflua.data, {groups = {0}})
  raises("bad argument", nflua.control, 5)
  local c <close> = control()
  raises("bad argument #1 to 'create'", function() c:create() end)
  raises("bad argument", c.create, c, "x", -1)
  raises("bad argument", c.create, c, "x", 2 ^ 32)
  raises("can't name a state", c.create, c, ("x"):rep(64))
  raises("can't name a state", c.create, c, "a\0b")
  raises("bad argument", c.execute, c, "x", {})
  raises("bad argument", c.bind, c, "x", {})
  raises("too long", c.bind, c, "x", ("y"):rep(5000))
  raises("bad argument", c.limits, c, "x")
  raises("limit 'max_timers'", c.limits, c, "x", {max_timers = 0})
  raises("limit 'max_timers'", c.limits, c, "x", {max_timers = 2 ^ 32})
  raises("no limit", c.limits, c, "x", {max_tmers = 1})
  raises("bad argument", c.setblocking, c)
  raises("nflua.control expected", c.list, data())
  raises("nflua.control expected", c.list, io.stdout)
  local d <close> = data()
  raises("bad argument", d.send, d, "x")
  raises("bad argument", d.send, d, "x", {})
  raises("can't name a state", d.send, d, "", "payload")
  raises("too long", d.send, d, "x", ("y"):rep(4013))
  raises("memory expected", d.receive, d, "string")
  raises("position out of range", d.receive, d, memory.create(3), 5)
end

function tests.a_closed_socket_raises()
  for _, socket in ipairs({control(), data()}) do
    local text = tostring(socket)
    same("ready", socket:getstate())
    assert(text:find("(port " .. socket:getpid() .. ")", 1, true), text)
    assert(socket:getfd() > 2)
    socket:close()
    socket:close()
    same("closed", socket:getstate())
    assert(tostring(socket):find("(closed)", 1, true))
    for _, method in ipairs({"getfd", "getpid", "receive"}) do
      raises("closed socket", socket[method], socket)
    end
    raises("closed socket", socket.setblocking, socket, true)
  end
  local c = control()
  c:close()
  raises("closed socket", c.list, c)
  local d = data()
  d:close()
  raises("closed socket", d.send, d, "echo", "x")
  raises("closed socket", d.counters, d)
  same("string string", type(getmetatable(c)), type(getmetatable(d)))
end

-- The descriptors of this process.
local function descriptors()
  local listing <close> = io.popen("ls -l /proc/$PPID/fd")
  local _, count = listing:read("a"):gsub("socket:", "")
  return count
end

function tests.sockets_are_closed_and_collected()
  collectgarbage()
  local before = descriptors()
  for _ = 1, 50 do
    local c <close> = control()
    local d <close> = data()
    control()
    data()
  end
  collectgarbage()
  collectgarbage()
  same(before, descriptors())
end

function tests.a_socket_brought_back_by_a_finalizer_is_closed()
  local kept
  do
    local c = control()
    setmetatable({}, {__gc = function() kept = c end})
  end
  collectgarbage()
  collectgarbage()
  raises("closed socket", kept.list, kept)
end

function tests.data_go_both_ways()
  local c <close> = control()
  assert(c:create("echo"))
  local d <close> = data()
  same("true", d:send("echo", "hello"))
  same("hello echo 1 " .. PORT, d:receive())
  same("true", d:send("echo", "hello", 2, -2))
  same("ell echo 2 " .. PORT, d:receive())
  same("true", d:send("echo", memory.create("memory"), 4))
  same("ory echo 3 " .. PORT, d:receive())
  same("true", d:send("echo", ""))
  same(" echo 4 " .. PORT, d:receive())
  same("true", d:send("echo", ("x"):rep(4012)))
  same("4012", #d:receive())
  assert(c:execute("echo", "send " .. d:getpid() .. " 3 from a rule"))
  for i = 6, 8 do same("from a rule echo " .. i .. " " .. PORT, d:receive()) end
  assert(c:destroy("echo"))
end

function tests.data_go_into_memories()
  local c <close> = control()
  assert(c:create("echo"))
  local d <close> = data()
  local function echo(text) assert(d:send("echo", text)) end
  local fixed = memory.create("........")
  echo("abc")
  same("3 echo 1 " .. PORT, d:receive(fixed))
  same("abc.....", fixed)
  echo("def")
  same("3 echo 2 " .. PORT, d:receive(fixed, -3))
  same("abc..def", fixed)
  echo("too long")
  same("nil memory too small 9", d:receive(fixed, 2))
  same("nil memory too small 9", d:receive(fixed, 2))
  same("8 echo 3 " .. PORT, d:receive(fixed))
  same("too long", fixed)

  local resizable <close> = memory.create()
  echo("abc")
  same("3 echo 4 " .. PORT, d:receive(resizable))
  echo("defg")
  same("4 echo 5 " .. PORT, d:receive(resizable, 4))
  same("abcdefg", resizable)
  echo("X")
  same("1 echo 6 " .. PORT, d:receive(resizable, 2))
  same("aXcdefg", resizable)
  echo("")
  same("0 echo 7 " .. PORT, d:receive(resizable, 8))
  same("aXcdefg", resizable)
  assert(c:destroy("echo"))
end

function tests.nothing_to_receive_is_said()
  local d <close> = data({timeout = 0.02})
  same("nil timeout", d:receive())
  same("nil timeout", d:receive(memory.create()))
  d:setblocking(false)
  same("nil pending", d:receive())
end

function tests.data_need_not_wait()
  local c <close> = control()
  assert(c:create("echo"))
  local d <close> = data({blocking = false})
  for i = 1, 1000 do
    same("true", d:send("echo", "message " .. i))
    same("message " .. i, (outcome(d)))
  end
  assert(c:destroy("echo"))
end

function tests.what_the_server_has_no_room_for_is_pending()
  local c <close> = control()
  assert(c:create("sink"))
  local slow <close> = control({blocking = false})
  same("nil pending", slow:execute("sink", "slow"))
  local d <close> = data({blocking = false})
  local payload = ("x"):rep(4000)
  local sent, why = 0, nil
  repeat
    local ok
    ok, why = d:send("sink", payload)
    sent = sent + (ok and 1 or 0)
  until not ok or sent == 100000
  same("pending", why)
  same("sending", d:getstate())
  same("nil busy", d:send("sink", "not now"))
  d:setblocking(true)
  same("true", d:send("sink", "now"))
  same("ready", d:getstate())
  same("true", outcome(slow))
  same(0, d:counters().refused)
  assert(c:destroy("sink"))
end

function tests.what_is_refused_or_ignored_is_counted()
  local d <close> = data({timeout = 0.05})
  assert(d:send("nobody", "x"))
  assert(d:send("nobody", "y"))
  local stranger <close> = data({port = d:getpid()})
  assert(stranger:send("nobody", "z"))
  local counters
  local last = os.time() + 20
  repeat
    same("nil timeout", d:receive())
    counters = d:counters()
  until counters.refused == 2 and counters.ignored == 1 or os.time() > last
  same("2 1 0 0", counters.refused, counters.ignored, counters.overruns, counters.dropped)
end

function tests.data_of_anyone_are_welcome_if_asked_for()
  local d <close> = data({anyone = true})
  local stranger <close> = data({port = d:getpid()})
  assert(stranger:send("name", "z"))
  same("z name 1 " .. stranger:getpid(), d:receive())
end

function tests.a_port_of_ones_own_is_used_again()
  local c <close> = control()
  assert(c:create("echo"))
  local first = data()
  local port = first:getpid()
  assert(first:send("echo", "x") and first:receive())
  first:close()
  for _ = 1, 3 do
    local d <close> = data({ownport = port})
    same(port, d:getpid())
    assert(d:send("echo", "again"))
    same("again", (d:receive()))
    same(0, d:counters().refused)
    local none, message = nflua.data({ownport = port, port = PORT})
    assert(none == nil and message:find("can't have port " .. port, 1, true), message)
  end
  assert(c:destroy("echo"))
end

function tests.groups_are_listened_to()
  local d, message = nflua.data({port = PORT, groups = {3, 32}, anyone = true, timeout = 2})
  if not d and message:find("CAP_NET_ADMIN", 1, true) then return skip(message) end
  local c <close> = control()
  assert(c:create("publisher"))
  assert(c:execute("publisher", "publish 3 news"))
  local payload, name, number = d:receive()
  same("news publisher 1", payload, name, number)
  d:close()
  assert(c:destroy("publisher"))
end

run(tests)
