# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that steer a server, against one that was written by hand from docs/protocol.md."""

import json
import pathlib
import sys
import unittest

from command import CommandTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "control"))
import handmade as by_hand  # noqa: E402

SUCCESS, REFUSED, USAGE, UNREADABLE, ENVIRONMENT = range(5)


class ControlTest(CommandTest):
    """Each test has a server of its own, with a state "dns"."""

    def setUp(self):
        super().setUp()
        self.server = by_hand.Server()
        self.server.states["dns"] = (40000, 1234)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.to_server = f"--daemon={self.server.port}"

    def steer(self, command, *arguments, **options):
        return self.nflua(command, self.to_server, *arguments, **options)

    def check(self, result, status, stdout=b"", stderr=b""):
        """`stderr`: in it; none: it is empty."""
        self.assertEqual((result.returncode, result.stdout), (status, stdout), result)
        if stderr:
            self.assertIn(stderr, result.stderr)
        else:
            self.assertEqual(result.stderr, b"")


class States(ControlTest):
    def test_create(self):
        self.check(self.steer("create", "a"), SUCCESS)
        self.check(self.steer("create", "b", "--maxalloc", 40000), SUCCESS)
        self.assertEqual(self.server.received, [(by_hand.CREATE, "a", 0),
                                                (by_hand.CREATE, "b", 40000)])

    def test_create_with_limits(self):
        self.check(self.steer("create", "a", "--max-instructions", 5000000000, "--max-timers", 7),
                   SUCCESS)
        self.assertEqual(self.server.received[1], (by_hand.LIMITS, "a", (5000000000, 0, 0, 7, 0)))
        self.check(self.steer("create", "b", "--max-load-instructions", 2, "--max-held-bytes", 3,
                              "--max-held-packets", 5), SUCCESS)
        self.assertEqual(self.server.received[3], (by_hand.LIMITS, "b", (0, 2, 3, 0, 5)))

    def test_create_leaves_nothing_when_its_limits_are_refused(self):
        def refuse(*_):
            raise by_hand.Refused("that many timers are not allowed")
        self.server.on[by_hand.LIMITS] = refuse
        self.check(self.steer("create", "a", "--max-timers", 7), REFUSED,
                   stderr=b"nflua: that many timers are not allowed")
        self.assertEqual(list(self.server.states), ["dns"])

    def test_create_refused(self):
        self.check(self.steer("create", "dns"), REFUSED,
                   stderr=b"nflua: there is a state 'dns' already")

    def test_bad_command_lines(self):
        for arguments in (["create"], ["create", "a", "--maxalloc", 100], ["create", ""],
                          ["create", "n" * 64], ["create", "a", "--max-timers", 0],
                          ["destroy"], ["execute", "a"], ["execute", "a", "f.lua", "-e", "x"],
                          ["reload", "a"],
                          ["list", "--timeout", 0], ["list", "--timeout", -1], ["bind"], ["bind", "dns"],
                          ["bind", "dns", "--hook", "nowhere"], ["unbind", "dns", "--queue", "x"]):
            with self.subTest(arguments):
                result = self.steer(*arguments)
                self.assertEqual((result.returncode, result.stdout), (USAGE, b""), result)
                self.assertTrue(result.stderr.startswith(b"nflua: "), result)

    def test_a_port_that_is_none(self):
        for port in ("0", "x", "4294967296", "-1"):
            self.check(self.nflua("list", f"--daemon={port}"), USAGE,
                       stderr=b"expected a netlink port, 1 to 4294967295")

    def test_a_port_in_hexadecimal(self):
        self.check(self.nflua("destroy", f"--daemon={self.server.port:#x}", "dns"), SUCCESS)

    def test_destroy(self):
        self.check(self.steer("destroy", "dns"), SUCCESS)
        self.assertEqual(self.server.states, {})
        self.check(self.steer("destroy", "dns"), REFUSED, stderr=b"nflua: found no state 'dns'")

    def test_list(self):
        result = self.steer("list")
        self.check(result, SUCCESS, b"states, bytes in Lua\n"
                   b"  dns                           1234  of 40000\n")
        result = self.steer("list", "--json")
        self.assertEqual(json.loads(result.stdout),
                         {"name": "dns", "maxalloc": 40000, "curralloc": 1234})

    def test_list_of_nothing(self):
        self.server.states.clear()
        self.check(self.steer("list"), SUCCESS, b"no states\n")
        self.check(self.steer("list", "--json"), SUCCESS)

    def test_list_of_as_many_as_there_can_be(self):
        self.server.states = {f"s{i}": (40000 + i, i) for i in range(by_hand.MAX_STATES)}
        lines = self.steer("list", "--json").stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [{"name": f"s{i}", "maxalloc": 40000 + i, "curralloc": i}
                          for i in range(by_hand.MAX_STATES)])


class Troubles(ControlTest):
    def test_no_daemon(self):
        with by_hand.open_socket() as unused:
            port = unused.getsockname()[0]
        for command in (["list"], ["create", "a"],
                        ["execute", "a", "-e", "x"], ["bind", "a", "--queue", 0]):
            name, *rest = command
            self.check(self.nflua(name, f"--daemon={port}", *rest), ENVIRONMENT,
                       stderr=b"found no daemon at port %d, expected one there; start it" % port)

    def test_no_module(self):
        if pathlib.Path("/sys/module/nflua").exists():
            self.skipTest("SKIPPED: the module is loaded here")
        self.check(self.nflua("list", "--kernel"), ENVIRONMENT, stderr=b"load it (modprobe nflua)")

    def test_a_mute_daemon(self):
        self.server.is_mute = True
        self.check(self.steer("list", "--timeout", 0.1), ENVIRONMENT,
                   stderr=b"didn't answer within ")

    def test_a_daemon_that_serves_others(self):
        self.server.refuses_all = True
        self.check(self.steer("list"), ENVIRONMENT, stderr=b"serves only its own user and root")


class Scripts(ControlTest):
    def test_execute_a_file(self):
        self.write("f.lua", "x = 1\n")
        self.check(self.steer("execute", "dns", "f.lua"), SUCCESS)
        self.check(self.steer("execute", "dns", "-", stdin=b"y = 2"), SUCCESS)
        self.check(self.steer("execute", "dns", "--name", "mine", "f.lua"), SUCCESS)
        self.assertEqual(self.server.received, [
            (by_hand.EXECUTE, "dns", b"x = 1\n", "f.lua"),
            (by_hand.EXECUTE, "dns", b"y = 2", "stdin"),
            (by_hand.EXECUTE, "dns", b"x = 1\n", "mine")])

    def test_execute_code(self):
        for code in ("x = 1", ""):
            self.check(self.steer("execute", "dns", "-e", code), SUCCESS)
            self.assertEqual(self.server.received.pop(),
                             (by_hand.EXECUTE, "dns", code.encode(), "(command line)"))

    def test_execute_up_to_the_bound(self):
        chunk = bytes(i % 251 for i in range(by_hand.MAX_CHUNK_BYTES))
        self.write("f.lua", chunk)
        self.check(self.steer("execute", "dns", "f.lua"), SUCCESS)
        self.assertEqual(self.server.received, [(by_hand.EXECUTE, "dns", chunk, "f.lua")])
        self.write("f.lua", chunk + b"x")
        for command in ("execute", "reload"):
            self.check(self.steer(command, "dns", "f.lua"), UNREADABLE,
                       stderr=b"f.lua: the script has %d bytes, and messages carry %d at most"
                       % (len(chunk) + 1, len(chunk)))

    def test_execute_a_long_path(self):
        path = "/".join(["d" * 100] * 3)
        (self.folder / path).mkdir(parents=True)
        path += "/f.lua"
        self.write(path, "x = 1")
        self.check(self.steer("execute", "dns", path), SUCCESS)
        self.assertEqual(self.server.received[0][3], path[-255:])

    def test_execute_what_fails(self):
        def fail(*_):
            raise by_hand.Refused("f.lua:1: no\nstack traceback:\n\t[C]")
        self.server.on[by_hand.EXECUTE] = fail
        self.check(self.steer("execute", "dns", "-e", "x"), REFUSED,
                   stderr=b"nflua: f.lua:1: no\nstack traceback:\n\t[C]\n")

    def test_execute_what_is_not_there(self):
        self.check(self.steer("execute", "dns", "f.lua"), UNREADABLE, stderr=b"f.lua: can't read")
        self.assertEqual(self.server.received, [])

    def test_reload(self):
        self.write("f.lua", "x = 1\n")
        self.check(self.steer("reload", "dns", "f.lua"), SUCCESS)
        self.assertEqual(self.server.received, [(by_hand.RELOAD, "dns", b"x = 1\n", "f.lua")])

    def test_bind(self):
        self.server.on[by_hand.BIND] = lambda *_: "serving queue 0"
        self.check(self.nflua("bind", "dns", "--queue", 0, self.to_server, "--match", "a:mark=1/3",
                              "--tcp-payload", "--target=b", "--match", "c"),
                   SUCCESS, b"serving queue 0\n")
        self.check(self.steer("unbind", "dns"), SUCCESS)
        self.check(self.steer("unbind", "dns", "--queue", 0), SUCCESS)
        self.assertEqual(self.server.received, [
            (by_hand.BIND, "dns", ["--queue", "0", "--match", "a:mark=1/3", "--tcp-payload",
                                   "--target", "b", "--match", "c"]),
            (by_hand.UNBIND, "dns", []), (by_hand.UNBIND, "dns", ["--queue", "0"])])


if __name__ == "__main__":
    unittest.main()
