# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon steered as people do it: by the commands, and by a program in Lua."""
import json
import pathlib

from daemon import LiveDaemonTest
from live import EXAMPLES, NFLUA, Nflua
from namespaces import SERVER
from peers import Probe, Probes, GRACE_S

BLOCK_LIST = EXAMPLES / "block_list.lua"
MODULES = pathlib.Path(NFLUA).parent.parent / "lua_modules"
ALL = set(Probe.NAMES)
OVER_IPV4 = {name for name in Probe.NAMES if name.endswith("4")}


class Commands(LiveDaemonTest):
    def steer(self, command, *arguments, status=0, **options):
        done = self.net.router.run(NFLUA, command, *arguments, check=False, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def passing(self):
        return Probes(self.net, Probe.NAMES).answered(GRACE_S)

    def stats(self, *state):
        return json.loads(self.steer("stats", "--json", *state))

    def test_a_block_list_is_fed_and_followed(self):
        self.steer("create", "blocker")
        self.steer("execute", "blocker", BLOCK_LIST)
        self.assertIn("at forward", self.steer("bind", "blocker", "--hook", "forward"))
        listener = Nflua(self.net.router, "receive", "--groups", "1", "--count", "2")
        self.addCleanup(listener.end)
        listener.wait_said("receiving at port")
        self.assertEqual(self.passing(), ALL)

        self.steer("send", "blocker", f"add {SERVER[4]}")
        self.assertEqual(self.passing(), ALL - OVER_IPV4)
        self.steer("send", "blocker", "-", "--lines", input=f"remove {SERVER[4]}\nadd {SERVER[6]}\n")
        self.assertEqual(self.passing(), OVER_IPV4)
        self.steer("send", "blocker", "add nonsense", status=1)
        self.assertEqual(listener.wait(), 0)
        for family in (4, 6):
            self.assertIn(f"blocked {SERVER[family]}", listener.stdout.text())

        self.steer("reload", "blocker", BLOCK_LIST)  # keeps the list
        self.assertEqual(self.passing(), OVER_IPV4)
        self.steer("send", "blocker", "clear")
        self.assertEqual(self.passing(), ALL)
        rule, = self.stats("blocker")["rules"]
        self.assertGreaterEqual(rule["packets"], 2 * len(ALL - OVER_IPV4))
        self.assert_sums(self.client)

    def test_a_state_lives_from_create_to_destroy(self):
        self.steer("create", "a", "--maxalloc", "1000000", "--max-timers", "3")
        self.assertEqual(json.loads(self.steer("list", "--json"))["maxalloc"], 1000000)
        self.assertEqual(self.stats("a")["limits"]["max_timers"], 3)
        self.steer("create", "a", status=1)
        self.steer("execute", "a", "-e", "function f() return 'drop' end")
        self.steer("execute", "a", "-e", "function f(", status=1)
        self.assertEqual(self.steer("repl", "a", input="type(f)\n1 + 1\n").split(), ["function", "2"])
        self.steer("bind", "a", "--hook", "forward", "--target", "f")
        self.assertEqual(self.passing(), set())
        self.steer("destroy", "a", status=1)  # a rule refers to it
        self.steer("unbind", "a", "--target", "f")
        self.assertEqual(self.passing(), ALL)
        self.steer("unbind", "a", status=1)
        self.steer("destroy", "a")
        self.assertEqual(self.steer("list", "--json"), "")

    def test_without_a_daemon(self):
        self.daemon.stop()
        self.steer("list", status=4)

    def test_a_program_in_lua(self):
        program = f"""
            local nflua, memory = require("nflua"), require("memory")
            local c <close> = assert(nflua.control())
            local d <close> = assert(nflua.data())
            assert(c:create("l"))
            assert(c:execute("l", [[
              function __receive_callback(port, m) netlink.send(port, nil, m:tostring():upper()) end
              function f(pkt) return select(1, pkt:tuple()) == 6 end
            ]], "l.lua"))
            assert(d:send("l", memory.create("hello")))
            local text, state, number = assert(d:receive())
            print(text, state, number)
            assert(c:bind("l", "--hook", "forward", "--match", "f"))
            print(c:list()[1].name, c:evaluate("l", "6 * 7"), c:destroy("l"))
        """
        done = self.net.router.run("env", f"LUA_CPATH={MODULES}/?.so", "lua5.4", "-", input=program)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0].split("\t"), ["HELLO", "l", "1"])
        self.assertEqual(lines[1].split("\t")[:3], ["l", "42", "nil"])
        self.assertIn("unbind", lines[1])
        self.assertEqual(self.passing(), OVER_IPV4)
