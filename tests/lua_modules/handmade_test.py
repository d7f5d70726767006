#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""What nflua.so sends, as a server understands it that shares no code with it (tests/control).

  handmade_test.py LUA...      LUA: the interpreter's command line; LUA_CPATH finds the modules
"""
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "control"))
import handmade  # pylint: disable=wrong-import-position

LUA = sys.argv[1:]
LIMIT_S = 60

PROGRAM = """
local nflua, memory = require("nflua"), require("memory")
local c <close> = assert(nflua.control({port = PORT}))
print(c:create("dns", 70000))
print(c:create("dns"))
print(c:execute("dns", "x = 1", "dns.lua"))
print(c:execute("dns", ("-"):rep(59968)))
print(c:reload("dns", memory.create("y = 1")))
print(c:evaluate("dns", "1"))
print(c:printed())
print(c:create("dns"))
print(c:printed() == "")
print(c:limits("dns", {max_instructions = 5, max_load_instructions = 6, max_held_bytes = 7,
                       max_timers = 8, max_held_packets = 9}))
print(c:stats("dns"), c:stats())
print(c:bind("dns", "--hook", "in put", ""))
print(c:unbind("dns"))
local row = c:list()[1]
print(row.name, row.maxalloc, row.curralloc)
local d <close> = assert(nflua.data({port = PORT}))
print(d:send("dns", memory.create("abc"), 2))
print(c:execute("dns", "send " .. d:getpid()))
print(d:receive())
print(c:destroy("dns"))
print(c:destroy("dns"))
"""

PRINTED = """true
nil	there is a state 'dns' already
true
true
true
42
1	2

nil	there is a state 'dns' already
true
true
{dns}	{}
bound
unbound
dns	70000	1000
true
true
from dns	dns	1	PORT
true
nil	found no state 'dns'
"""

RECEIVED = [
    (handmade.CREATE, "dns", 70000),
    (handmade.CREATE, "dns", 0),
    (handmade.EXECUTE, "dns", b"x = 1", "dns.lua"),
    (handmade.EXECUTE, "dns", b"-" * 59968, "(program)"),
    (handmade.RELOAD, "dns", b"y = 1", "(program)"),
    (handmade.EVALUATE, "dns", b"1", "(program)"),
    (handmade.CREATE, "dns", 0),
    (handmade.LIMITS, "dns", (5, 6, 7, 8, 9)),
    (handmade.STATS, "dns"),
    (handmade.STATS, ""),
    (handmade.BIND, "dns", ["--hook", "in put", ""]),
    (handmade.UNBIND, "dns", []),
    (handmade.DATA, "dns", b"bc"),
    (handmade.EXECUTE, "dns", b"send %d", "(program)"),
    (handmade.DESTROY, "dns"),
    (handmade.DESTROY, "dns"),
]


class Handmade(unittest.TestCase):
    def run_program(self, server):
        def execute(_state, chunk, _script):
            if chunk.startswith(b"send "):
                server.send_data(int(chunk.split()[1]), 1, "dns", b"from dns")

        server.on[handmade.EXECUTE] = execute
        server.printed = "1\t2\n"
        server.on[handmade.EVALUATE] = lambda *_: "42"
        server.on[handmade.STATS] = "{{{}}}".format
        server.on[handmade.BIND] = lambda *_: "bound"
        server.on[handmade.UNBIND] = lambda *_: "unbound"
        return subprocess.run([*LUA, "-e", f"PORT = {server.port}", "-"], input=PROGRAM, text=True,
                              capture_output=True, check=False, timeout=LIMIT_S)

    def test_each_command_is_understood_and_each_answer(self):
        with handmade.Server() as server:
            done = self.run_program(server)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, PRINTED.replace("PORT", str(server.port)))
        for got, wanted in zip(server.received, RECEIVED):
            if wanted[2:3] == (b"send %d",):
                self.assertRegex(got[2], rb"^send \d+$")
            else:
                self.assertEqual(got, wanted)
        self.assertEqual(len(server.received), len(RECEIVED))


if __name__ == "__main__":
    if not LUA:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])
