# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that steer a server, against one that was written by hand from docs/protocol.md."""

import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import time
import unittest

from command import TIMEOUT_S, CommandTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "control"))
import handmade as by_hand  # noqa: E402

SUCCESS, REFUSED, USAGE, UNREADABLE, ENVIRONMENT = range(5)
TOO_FEW = 1
STATS = {"name": "dns", "calls": 7, "bound": True,
         "memory": {"bytes_in_use": 1000, "max_bytes": 67108864},
         "rules": [{"function": "match", "calls": 12345, "errors": 0},
                   {"function": "is_bad", "calls": 6, "errors": 1}],
         "groups": [1, 2], "queues": []}


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
                          ["send", "a"], ["send", "a", "x", "-f", "y"],
                          ["send", "a", "x", "--lines"], ["reload", "a"],
                          ["stats", "n" * 64], ["list", "--timeout", 0], ["list", "--timeout", -1],
                          ["bind"], ["bind", "dns"], ["bind", "dns", "--hook", "nowhere"],
                          ["unbind", "dns", "--queue", "x"],
                          ["receive", "--raw", "--json"], ["receive", "--groups", 33],
                          ["receive", "--port", 0]):
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

    def test_a_name_is_one_row(self):
        self.server.states = {"a\nb\x1b": (40000, 1)}
        self.check(self.steer("list"), SUCCESS, b"states, bytes in Lua\n"
                   b"  a\\nb\\x1b                         1  of 40000\n")
        self.assertEqual(json.loads(self.steer("list", "--json").stdout)["name"], "a\nb\x1b")

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
        for command in (["list"], ["create", "a"], ["send", "a", "x"],
                        ["stats"], ["execute", "a", "-e", "x"], ["bind", "a", "--queue", 0]):
            name, *rest = command
            self.check(self.nflua(name, f"--daemon={port}", *rest), ENVIRONMENT,
                       stderr=b"found no daemon at port %#x, expected one there; start it" % port)

    def test_no_module(self):
        if pathlib.Path("/sys/module/xt_lua").exists():
            self.skipTest("SKIPPED: the module is loaded here")
        self.check(self.nflua("list", "--kernel"), ENVIRONMENT, stderr=b"load it (modprobe xt_lua, or insmod xt_lua.ko)")
        for command in (["bind", "a"], ["unbind", "a"], ["receive"], ["create", "a"]):
            self.check(self.nflua(command[0], "--kernel", *command[1:]), ENVIRONMENT,
                       stderr=b"found no kernel module xt_lua")

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


class Printed(ControlTest):
    """What a chunk prints reaches whoever had it run."""

    def setUp(self):
        super().setUp()
        self.server.printed = "a\tb\ntwo \x1b lines\n"
        self.shown = b"a\tb\ntwo \\x1b lines\n"

    def refuse(self, *_):
        raise by_hand.Refused("chunk:2: oops")

    def test_of_execute_and_reload(self):
        self.write("f.lua", "print(1)")
        self.check(self.steer("execute", "dns", "-e", "x"), SUCCESS, self.shown)
        self.check(self.steer("execute", "dns", "f.lua"), SUCCESS, self.shown)
        self.check(self.steer("reload", "dns", "f.lua"), SUCCESS, self.shown)

    def test_of_a_chunk_that_fails(self):
        self.server.on[by_hand.EXECUTE] = self.refuse
        self.check(self.steer("execute", "dns", "-e", "x"), REFUSED, self.shown,
                   b"nflua: chunk:2: oops\n")

    def test_of_a_line_before_its_result(self):
        self.server.on[by_hand.EVALUATE] = lambda *_: "42"
        self.check(self.steer("repl", "dns", stdin=b"f()\n"), SUCCESS, self.shown + b"42\n")

    def test_of_nothing(self):
        self.server.printed = ""
        self.check(self.steer("execute", "dns", "-e", "x"), SUCCESS)


class Repl(ControlTest):
    def setUp(self):
        super().setUp()
        self.server.on[by_hand.EVALUATE] = self.evaluate

    @staticmethod
    def evaluate(state, chunk, script):
        if chunk.endswith(b"do"):
            raise by_hand.Refused("repl:1: 'end' expected near <eof>")
        if chunk == b"bad":
            raise by_hand.Refused("repl:1: bad")
        if chunk == b"load":  # as of assert(load("x ="))
            raise by_hand.Refused("x:1: unexpected symbol near <eof>\nstack traceback:\n\t[C]")
        return "" if chunk == b"nothing" else f"{state} {script} {chunk!r}"

    def test_lines_of_a_pipe(self):
        result = self.steer("repl", "dns", stdin=b"1\n\nnothing\ndo\nend\n2")
        self.check(result, SUCCESS, b"dns repl b'1'\ndns repl b'do\\nend'\ndns repl b'2'\n")

    def test_lines_that_fail(self):
        result = self.steer("repl", "dns", stdin=b"1\nbad\n2\n")
        self.check(result, REFUSED, b"dns repl b'1'\ndns repl b'2'\n", b"repl:1: bad\n")
        result = self.steer("repl", "dns", stdin=b"do\n")
        self.check(result, REFUSED, b"", b"near <eof>\n")
        self.check(self.steer("repl", "no", stdin=b"1\n"), REFUSED, b"", b"no state 'no'")

    def test_what_ran_does_not_run_again(self):
        self.check(self.steer("repl", "dns", stdin=b"load\n2\n"), REFUSED, b"dns repl b'2'\n",
                   b"near <eof>\nstack traceback:\n\t[C]\n")
        self.assertEqual([given[2] for given in self.server.received], [b"load", b"2"])

    def test_a_daemon_that_went_away(self):
        self.server.is_mute = True
        result = self.steer("repl", "--timeout", 0.1, "dns", stdin=b"1\n2\n")
        self.check(result, ENVIRONMENT, b"", b"didn't answer")
        self.assertEqual(result.stderr.count(b"didn't"), 1)

    def test_a_terminal(self):
        terminal, its_end = pty.openpty()
        self.addCleanup(os.close, terminal)
        with self.start("repl", self.to_server, "dns", stdin=its_end, stdout=its_end,
                        stderr=subprocess.PIPE, env={**os.environ, "TERM": "dumb"}) as run:
            self.addCleanup(run.kill)
            os.close(its_end)
            # Nothing is typed before its prompt: until then the terminal keeps Ctrl-D for itself.
            self.read_until(terminal, rb"> ")
            for typed, shown in ((b"1\n", rb"dns repl b'1'\s+> "), (b"do\n", rb">> "),
                                 (b"end\n", rb"dns repl b'do\\nend'\s+> ")):
                os.write(terminal, typed)
                self.read_until(terminal, shown)
            os.write(terminal, b"\x04")
            self.assertEqual(run.wait(TIMEOUT_S), SUCCESS)
            self.assertEqual(run.stderr.read(), b"")

    def read_until(self, terminal, wanted):
        shown = b""
        while not re.search(wanted, shown):
            self.assertTrue(select.select([terminal], [], [], TIMEOUT_S)[0], shown)
            shown += os.read(terminal, 4096)


class Stats(ControlTest):
    def setUp(self):
        super().setUp()
        self.server.on[by_hand.STATS] = lambda state: json.dumps(STATS)

    def test_json(self):
        result = self.steer("stats", "--json", "dns")
        self.check(result, SUCCESS, json.dumps(STATS).encode() + b"\n")
        self.steer("stats")
        self.assertEqual(self.server.received, [(by_hand.STATS, "dns"), (by_hand.STATS, "")])

    def test_text(self):
        self.check(self.steer("stats", "dns"), SUCCESS, b"""\
  name                           dns
  calls                            7
  bound                          yes
  groups                        1, 2
  queues                           -
memory
  bytes in use                  1000
  max bytes                 67108864
rules
  function  calls  errors
  match     12345       0
  is_bad        6       1
""")

    def test_text_of_what_is_none(self):
        for bad in ("", "[]", "{", "7"):
            self.server.on[by_hand.STATS] = lambda state, bad=bad: bad
            self.check(self.steer("stats", "dns"), ENVIRONMENT, stderr=b"no object of JSON")

    def test_a_long_one(self):
        value = json.dumps({"rules": [{"function": f"f{i}", "calls": i} for i in range(1500)]})
        self.server.on[by_hand.STATS] = lambda state: value
        self.check(self.steer("stats", "--json"), SUCCESS, value.encode() + b"\n")
        self.assertEqual(len(self.steer("stats").stdout.splitlines()), 1502)


class Send(ControlTest):
    def payloads(self):
        return [given[2] for given in self.server.received]

    def test_one_message(self):
        payload = bytes(range(256))
        self.write("f.bin", payload)
        self.check(self.steer("send", "dns", "hello"), SUCCESS)
        self.check(self.steer("send", "dns", ""), SUCCESS)
        self.check(self.steer("send", "dns", "-f", "f.bin"), SUCCESS)
        self.check(self.steer("send", "dns", "-", stdin=payload), SUCCESS)
        self.check(self.steer("send", "dns", "-f", "-", stdin=b"x\n"), SUCCESS)
        self.assertEqual(self.payloads(), [b"hello", b"", payload, payload, b"x\n"])

    def test_one_message_refused(self):
        self.check(self.steer("send", "no", "x"), REFUSED, stderr=b"nflua: found no state 'no'")

    def test_a_message_that_is_too_long(self):
        most = by_hand.MAX_DATA_BYTES
        self.check(self.steer("send", "dns", "x" * most), SUCCESS)
        self.check(self.steer("send", "dns", "x" * (most + 1)), USAGE,
                   stderr=b"found %d bytes, expected at most %d" % (most + 1, most))

    def test_lines(self):
        lines = [b"line %d" % i for i in range(20000)]
        self.write("lines", b"\n".join(lines))
        self.check(self.steer("send", "dns", "--lines", "-f", "lines"), SUCCESS,
                   b"sent 20000 messages, 0 refused, 0 too long\n")
        self.assertEqual(self.payloads(), lines)
        self.check(self.steer("send", "dns", "--lines", stdin=b"a\n\nb\n"), SUCCESS,
                   b"sent 3 messages, 0 refused, 0 too long\n")
        self.assertEqual(self.payloads()[20000:], [b"a", b"", b"b"])

    def test_lines_refused(self):
        def refuse(_, payload):
            if payload.startswith(b"bad"):
                raise by_hand.Refused(f"the callback raised: {payload.decode()}")
        self.server.on[by_hand.DATA] = refuse
        too_long = b"x" * (by_hand.MAX_DATA_BYTES + 1)
        lines = [b"1", b"bad 2", too_long, b"4", b"bad 5", too_long, too_long, b"bad 8"]
        result = self.steer("send", "dns", "-", "--lines", stdin=b"\n".join(lines))
        self.check(result, REFUSED, b"sent 5 messages, 3 refused, 3 too long\n",
                   b"nflua: the callback raised: bad 8\n")
        for line in (2, 5, 8):
            self.assertIn(b"nflua: line %d: refused: the callback raised: bad %d\n" % (line, line),
                          result.stderr)
        for line in (3, 6, 7):
            self.assertIn(b"nflua: line %d: found %d bytes" % (line, len(too_long)), result.stderr)

    def test_all_of_many_lines_refused(self):
        result = self.steer("send", "no", "--lines", stdin=b"x\n" * 5000)
        self.check(result, REFUSED, b"sent 5000 messages, 5000 refused, 0 too long\n",
                   b"found no state 'no'")
        self.assertEqual(result.stderr.count(b"nflua: line "), 10)


class Receive(ControlTest):
    def receive(self, *arguments, stdout=subprocess.PIPE):
        """Returns the process and its port, once it listens."""
        run = self.start("receive", self.to_server, *arguments, stdout=stdout,
                         stderr=subprocess.PIPE, bufsize=0)
        if run.stdout:
            self.addCleanup(run.stdout.close)
        self.addCleanup(run.stderr.close)
        first = run.stderr.readline()
        self.assertTrue(first.startswith(b"nflua: receiving at port "), first)
        return run, int(first.split()[-1])

    def end(self, run, status=SUCCESS, number=None):
        if number:
            run.send_signal(number)
        self.assertEqual(run.wait(TIMEOUT_S), status)
        return run.stdout and run.stdout.read(), run.stderr.read()

    def test_text(self):
        run, port = self.receive("--count", 2)
        self.server.send_data(port, 1, "dns", b"hello")
        self.server.send_data(port, 2, "dns", b"\x1b[31m\0\xc3\xa9")
        self.assertEqual(self.end(run), (b"dns: hello\ndns: \\x1b[31m\\x00\xc3\xa9\n",
                                         b"nflua: received 2 messages, 0 missing, 0 overruns\n"))

    def test_a_message_is_one_line(self):
        run, port = self.receive("--count", 2)
        self.server.send_data(port, 1, "a\nb", b"x\nbig: forged\n")
        self.server.send_data(port, 3, "a\nb", b"y")
        self.assertEqual(self.end(run), (
            b"a\\nb: x\\nbig: forged\\n\na\\nb: y\n",
            b"nflua: a\\nb: 1 messages missing before number 3\n"
            b"nflua: received 2 messages, 1 missing, 0 overruns\n"))

    def test_json(self):
        run, port = self.receive("--count", 1, "--json")
        self.server.send_data(port, 7, "dns", b"\0\xff")
        event = json.loads(self.end(run)[0])
        self.assertLess(abs(event.pop("time_ns") - time.time_ns()), 60 * 10**9)
        self.assertEqual(event, {"event": "datagram", "state": "dns", "number": 7,
                                 "port": self.server.port, "groups": 0, "bytes": 2, "data": "00ff"})

    def test_raw(self):
        run, port = self.receive("--count", 2, "--raw")
        for number, payload in ((1, bytes(range(256))), (2, b"{}")):
            self.server.send_data(port, number, "dns", payload)
        self.assertEqual(self.end(run)[0], bytes(range(256)) + b"{}")

    def test_gaps(self):
        run, port = self.receive("--count", 7)
        for number in (5, 6, 9, 10, 1, 2):  # the last two: another state of the same name
            self.server.send_data(port, number, "dns", b"x")
        self.server.send_data(port, 50, "other", b"x")
        _, told = self.end(run)
        self.assertEqual(told, b"nflua: dns: 2 messages missing before number 9\n"
                         b"nflua: received 7 messages, 2 missing, 0 overruns\n")

    def test_a_given_port(self):
        with by_hand.open_socket() as unused:
            wanted = unused.getsockname()[0]
            result = self.steer("receive", "--port", wanted)
            self.check(result, ENVIRONMENT, stderr=b"EADDRINUSE")
        run, port = self.receive("--port", wanted, "--count", 1)
        self.assertEqual(port, wanted)
        self.server.send_data(port, 1, "dns", b"x")
        self.end(run)

    def test_a_timeout(self):
        self.check(self.steer("receive", "--timeout", 0.1), SUCCESS, stderr=b"received 0 messages")
        self.check(self.steer("receive", "--timeout", 0.1, "--count", 3), TOO_FEW,
                   stderr=b"found 0 messages in the time given, expected 3")

    def test_signals_end_it_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            run, port = self.receive()
            self.server.send_data(port, 1, "dns", b"x")
            self.assertEqual(run.stdout.readline(), b"dns: x\n")  # at once
            self.assertEqual(self.end(run, SUCCESS, number)[1],
                             b"nflua: received 1 messages, 0 missing, 0 overruns\n")

    def test_groups(self):
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: groups need CAP_NET_ADMIN")
        run, port = self.receive("--groups", "3,5", "--count", 2, "--json")
        for number, group in ((1, 3), (2, 4), (2, 5)):
            self.server.send_data(0, number, "dns", b"x", group)
        events = [json.loads(line) for line in self.end(run)[0].splitlines()]
        self.assertEqual([event["groups"] for event in events], [1 << 2, 1 << 4])

    def test_overruns(self):
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: groups need CAP_NET_ADMIN")
        run, port = self.receive("--groups", 7, stdout=subprocess.DEVNULL)
        run.send_signal(signal.SIGSTOP)
        sent = 20000  # far above the buffer
        for number in range(1, sent + 1):
            self.server.send_data(0, number, "dns", bytes(4000), 7)
        run.send_signal(signal.SIGCONT)
        self.assertIn(b"messages were lost", run.stderr.readline())
        # More, so that the gap shows as soon as there is room again.
        last = sent
        while not select.select([run.stderr], [], [], 0.01)[0]:
            last += 1
            self.server.send_data(0, last, "dns", b"x", 7)
        self.assertRegex(run.stderr.readline(), rb"nflua: dns: [0-9]+ messages missing before")
        _, told = self.end(run, SUCCESS, signal.SIGTERM)
        received, missing, overruns = map(int, re.findall(rb"[0-9]+", told.splitlines()[-1]))
        self.assertGreater(missing, 0)
        self.assertGreater(overruns, 0)
        self.assertLessEqual(received + missing, last)


if __name__ == "__main__":
    unittest.main()
