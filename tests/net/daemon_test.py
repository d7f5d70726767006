# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon by its commands; its start and its end."""
import json
import signal
import socket

from daemon import DaemonTest, FEW_STEPS, LOOP
from handmade import DAEMON_PORT, MALFORMED, joined, script
from live import ENVIRONMENT, SUCCESS, USAGE
from refusals_test import WITHOUT_CAPABILITIES
from namespaces import TIMEOUT_S

DEFAULT_MAX_BYTES = 64 << 20
MAX_ERROR_BYTES = 4000
MAX_VALUE_BYTES = 4096  # kMaxLogBytes


class Permission(DaemonTest):
    def test_a_daemon_that_cannot_bind_says_so_at_its_start(self):
        self.assertNotIn("CAP_NET_ADMIN", self.daemon.stderr.text())
        self.daemon.stop()
        daemon = self.start_daemon(before=WITHOUT_CAPABILITIES)
        self.assertIn("no CAP_NET_ADMIN", daemon.stderr.text())
        self.client.make("a", "function f() end")
        bind = self.client.bind("a", "--hook", "forward", "--target", "f")
        self.assertIn("CAP_NET_ADMIN", self.client.refused(bind))

    def test_a_bind_says_what_the_machine_lacks(self):
        self.client.make("a", "function f() end")
        place = ("--hook", "forward", "--in-interface", "nosuch0", "--target", "f")
        lacking = "--in-interface nosuch0: this machine has no such device now"
        self.assertIn(lacking, self.client.told(self.client.bind("a", *place)))
        self.daemon.wait_said(lacking)


class Commands(DaemonTest):
    def test_a_state_from_its_creation_to_its_end(self):
        client = self.client
        self.assertEqual(client.states(), [])
        client.do(client.create("dns"))
        (name, maxalloc, curralloc), = client.states()
        self.assertEqual((name, maxalloc), ("dns", DEFAULT_MAX_BYTES))
        self.assertGreater(curralloc, 0)
        client.do(client.execute("dns", "x = 40"))
        self.assertEqual(client.value("dns", "x + 2"), "42")
        client.do(client.destroy("dns"))
        self.assertEqual(client.states(), [])
        self.assertIn("dns: there is no such state", client.refused(client.execute("dns", "x = 1")))

    def test_states_know_nothing_of_each_other(self):
        client = self.client
        for name in ("a", "b"):
            client.make(name, f"x = '{name}'")
        client.do(client.destroy("a"), client.create("a"))
        self.assertEqual(client.value("a", "x"), "nil")
        self.assertEqual(client.value("b", "x"), "b")

    def test_a_name_that_is_taken_is_refused_and_its_state_goes_on(self):
        self.client.make("a", "x = 1")
        self.assertIn("a: this state exists already", self.client.refused(self.client.create("a")))
        self.assertEqual(self.client.value("a", "x"), "1")

    def test_every_command_wants_a_state_that_is_there(self):
        client = self.client
        for make in (client.destroy, client.stats, client.limits,
                     lambda state: client.execute(state, "x = 1"),
                     lambda state: client.reload(state, "x = 1"),
                     lambda state: client.evaluate(state, "x"),
                     lambda state: client.data_to(state, b"hello"),
                     lambda state: client.bind(state, "--queue", "1", "--match", "f"),
                     lambda state: client.unbind(state)):
            self.assertIn("none: there is no such state", client.refused(make("none")))
        self.assertEqual(client.states(), [])

    def test_evaluate_shows_values_as_tostring_does(self):
        client = self.client
        client.do(client.create("a"))
        for source, text in (("1 + 1", "2"), ("nil, false, 'b'", "nil\tfalse\tb"), ("", ""),
                             ("x = 3", ""), ("x", "3"), ("local y = 5 return y, x", "5\t3"),
                             ("string.char(10, 9)", "\n\t"), ("'é'", "é")):
            with self.subTest(source):
                self.assertEqual(client.value("a", source), text)
        long = client.value("a", "('x'):rep(100000)")
        self.assertTrue(long.endswith("x..."), long[-9:])
        self.assertLessEqual(len(long), MAX_VALUE_BYTES)

    def test_names_may_have_any_bytes(self):
        client = self.client
        names = [b"\xff\xfe", b" ", b"a/b", b"..", b"\n", b"'\"$(x)", "ü€".encode(), b"\x1b[31m",
                 b"n" * 63, b"N", b"n"]
        for name in names:
            client.make(name, f"x = {len(name)}")
        rows = joined(client.ask(client.list()), 72)
        listed = [rows[at:at + 64].rstrip(b"\0") for at in range(0, len(rows), 72)]
        self.assertEqual(sorted(listed), sorted(names))
        for name in names:
            with self.subTest(name):
                self.assertEqual(client.value(name, "x"), str(len(name)))
                json.loads(joined(client.ask(client.stats(name)), 1))
                client.told(client.bind(name, "--hook", "input", "--match", "f"))
                one, = client.ask(client.create(name))
                self.assertTrue(one.is_error)
                client.told(client.unbind(name))
                client.do(client.destroy(name))
        self.assertEqual(client.states(), [])
        self.daemon.stop()
        self.assertNotEqual(self.daemon.stderr.text(), "")
        self.assertNotIn("\x1b", self.daemon.stderr.text())

    def test_limits_hold_from_the_next_call_on(self):
        client = self.client
        client.make("a", "function f() return timer.create(1000000, print) end")
        before = client.look("a")["limits"]
        client.do(client.limits("a"))
        self.assertEqual(client.look("a")["limits"], before)
        client.do(client.limits("a", timers=2, **FEW_STEPS))
        now = client.look("a")["limits"]
        self.assertEqual(now, before | {"max_timers": 2, "max_instructions": 1000,
                                        "max_load_instructions": 100000})
        client.do(client.execute("a", "f() f()"))
        self.assertIn("timer", client.refused(client.execute("a", "f()")))
        stats = client.look("a")
        self.assertEqual((stats["timers_armed"], stats["timers_refused"]), (2, 1))
        self.assertIn("instruction budget", client.refused(client.execute("a", LOOP)))
        self.assertEqual(client.look("a")["limits"], now)

    def test_limits_may_be_the_largest_numbers(self):
        client = self.client
        client.do(client.create("a"))
        client.do(client.limits("a", instructions=(1 << 64) - 1, load_instructions=(1 << 64) - 1,
                                held_bytes=(1 << 64) - 1, timers=(1 << 32) - 1,
                                held_packets=(1 << 32) - 1))
        limits = client.look("a")["limits"]
        self.assertEqual(limits["max_instructions"], (1 << 63) - 1)
        self.assertEqual(limits["max_timers"], (1 << 32) - 1)
        client.do(client.execute("a", "x = 1"))

    def test_statistics_of_a_state_and_of_the_server(self):
        client = self.client
        client.make("a", "function __receive_callback() error('no') end")
        client.refused(client.data_to("a", b"x"))
        state = client.look("a")
        self.assertEqual((state["state"], state["replicas"], state["rules"]), ("a", 1, []))
        self.assertEqual((state["calls"], state["errors"]), (1, 1))
        server = client.look()
        self.assertEqual({key: server[key] for key in ("port", "workers", "states", "clients", "data",
                                                       "malformed", "refused_senders", "places")},
                         {"port": DAEMON_PORT, "workers": 1, "states": 1, "clients": 1, "data": 1,
                          "malformed": 0, "refused_senders": 0, "places": []})
        # Create, execute, data, two texts and two STATS.
        self.assertEqual((server["commands"], server["failed"]), (6, 1))

    def test_rules_of_a_place_up_to_the_bound_and_one_more(self):
        client = self.client
        client.do(client.create("a"))
        hook = ("--hook", "input", "--match", "f")
        client.told(client.bind("a", *hook, *["--match", "f"] * 63))
        self.assertIn("64 rules", client.refused(client.bind("a", *hook)))
        self.assertEqual(len(client.look("a")["rules"]), 64)
        client.told(client.unbind("a"))
        self.assertEqual(client.look("a")["rules"], [])


class ErrorTexts(DaemonTest):
    def test_it_says_why_the_last_command_failed_until_one_succeeds(self):
        client = self.client
        self.assertEqual(client.error(), "")
        client.do(client.create("a"))
        self.assertIn("chunk:2: oops", client.refused(client.execute("a", "\nerror('oops')")))
        self.assertIn("oops", client.error())
        client.refused(client.destroy("b"))
        self.assertIn("b: ", client.error())
        self.assertEqual(client.value("a", "1"), "1")
        self.assertEqual(client.error(), "")

    def test_each_port_has_its_own(self):
        other = self.connect()
        self.client.refused(self.client.destroy("mine"))
        other.refused(other.destroy("others"))
        self.assertIn("mine: ", self.client.error())
        self.assertIn("others: ", other.error())

    def test_it_has_a_bound(self):
        client = self.client
        client.do(client.create("a"))
        text = client.refused(client.execute("a", "error(('x'):rep(100000))"))
        self.assertIn("xxxx", text)
        self.assertLessEqual(len(text), MAX_ERROR_BYTES)

    def test_the_log_says_why_a_chunk_failed(self):
        """The original's clients don't know how to ask. Who evaluates is always told."""
        client = self.client
        client.do(client.create("a"))
        client.refused(client.execute("a", "\nerror('oops')"))
        self.daemon.wait_said("a: error in chunk: chunk:2: oops")
        client.refused(client.reload("a", "error('again')"))
        self.daemon.wait_said("a: error in chunk: chunk:1: again")
        client.refused(client.evaluate("a", "error('asked')"))
        client.refused(client.execute("none", "x = 1"))
        self.daemon.wait_said("none: error in chunk: none: there is no such state")
        client.refused(script(client.number(), "a", "error('odd')", script_name="\x1b\n"))
        self.daemon.wait_said("a: error in chunk: chunk:1: odd")
        self.assertNotIn("asked", self.daemon.stderr.text())

    def test_malformed_messages_have_a_reason_too(self):
        reasons = set()
        for case in MALFORMED:
            client = self.connect()
            client.send(*case.messages(client.number()))
            client.receive()
            with self.subTest(case.what):
                reason = client.error()
                self.assertNotEqual(reason, "")
                reasons.add(reason)
        self.assertGreater(len(reasons), 5)


class Replicas(DaemonTest):
    options = ("--workers", "3")

    def test_a_chunk_runs_in_each_and_the_first_answers(self):
        client = self.client
        client.make("a", "print('replica', worker)")
        self.daemon.wait_said("replica", 3)
        self.assertEqual(client.value("a", "worker"), "1")
        self.assertEqual(client.value("a", "print(worker)"), "")
        self.assertEqual(client.printed(), "".join(f"replica {n} of 3: {n}\n" for n in (1, 2, 3)))
        client.do(client.reload("a", "print('again') function on_reload() end"))
        self.assertEqual(client.printed(), "".join(f"replica {n} of 3: again\n" for n in (1, 2, 3)))
        self.assertEqual(client.look("a")["replicas"], 3)

    def test_one_that_fails_is_named(self):
        client = self.client
        client.do(client.create("a"))
        self.assertIn("replica 2 of 3", client.refused(
            client.execute("a", "x = 1 if worker == 2 then error('no') end")))

    def test_none_is_reloaded_when_one_refuses(self):
        client = self.client
        client.make("a", "x = 1")
        client.refused(client.reload("a", "x = 2 function on_reload() assert(worker ~= 3) end"))
        client.do(client.execute("a", "assert(x == 1)"))
        client.do(client.reload("a", "x = 2"))
        client.do(client.execute("a", "assert(x == 2)"))


class Reload(DaemonTest):
    def test_the_new_script_has_what_the_old_one_hands_over(self):
        client = self.client
        client.make("a", "left = 1 function on_unload() return {list = {1, 'two'}} end", 1 << 20)
        client.do(client.limits("a", **FEW_STEPS))
        limits = client.look("a")["limits"]
        client.do(client.reload("a", "function on_reload(old) got = old.list end"))
        self.assertEqual(client.value("a", "left, got[1], got[2]"), "nil\t1\ttwo")
        self.assertEqual(client.look("a")["limits"], limits)
        self.assertEqual(client.states()[0][1], 1 << 20)

    def test_a_broken_one_leaves_the_old_one(self):
        client = self.client
        client.make("a", "x = 1 function on_unload() return {} end")
        for broken, why in (("x = ", "syntax error|unexpected symbol"), ("error('no start')", "no start"),
                            ("function on_reload() error('not so') end", "not so"),
                            ("function on_reload(old) old.none.x = 1 end", "index")):
            with self.subTest(broken):
                self.assertRegex(client.refused(client.reload("a", broken)), why)
                self.assertEqual(client.value("a", "x"), "1")
        client.do(client.execute("a", "function on_unload() return {f = print} end"))
        self.assertIn("function", client.refused(
            client.reload("a", "x = 2 function on_reload() end")))
        self.assertEqual(client.value("a", "x"), "1")

    def test_timers_of_the_old_one_are_gone(self):
        client = self.client
        client.make("a", "timer.create(1000000, print)")
        self.assertEqual(client.look("a")["timers_armed"], 1)
        client.do(client.reload("a", "timer.create(0, function() print('the new one') end)"))
        self.daemon.wait_said("the new one")
        self.assertEqual(client.look("a")["timers_armed"], 0)


class Process(DaemonTest):
    def test_a_second_one_at_its_port_says_so(self):
        second = self.launch_daemon()
        self.assertEqual(second.wait(), ENVIRONMENT)
        self.assertIn("is there a daemon already?", second.stderr.text())
        self.assertIn("0x4e464c41", second.stderr.text())
        self.assertEqual(self.client.states(), [])

    def test_another_port_is_another_daemon(self):
        self.start_daemon("--port", "77")
        other = self.connect(server=77)
        other.do(other.create("a"))
        self.assertEqual(other.look()["port"], 77)
        self.assertEqual(self.client.states(), [])

    def test_a_port_that_is_none(self):
        for port in ("0", "-1", "4294967296", "many", "1.5", ""):
            with self.subTest(port):
                running = self.launch_daemon("--port", port)
                self.assertEqual(running.wait(), USAGE, running.stderr.text())

    def test_systemd_is_told(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            path = "/run/notify"
            notified.bind(path)
            notified.settimeout(TIMEOUT_S)
            running = self.launch_daemon("--port", "77", before=("env", f"NOTIFY_SOCKET={path}"))
            self.assertIn(b"READY=1", notified.recv(256))
            self.assertEqual(self.connect(server=77).states(), [])
            running.stop()
            self.assertIn(b"STOPPING=1", notified.recv(256))

    def test_signals_end_it_with_a_summary(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                running = self.start_daemon("--port", "77")
                client = self.connect(server=77)
                client.make("a", "function __receive_callback() timer.create(1000000, print) end")
                client.send(client.data_to("a", b"x"))
                self.assertEqual(client.look("a")["timers_armed"], 1)
                running.stop(number)
                self.assertEqual(running.table["calls"], 1)

    def test_sigusr1_prints_statistics(self):
        self.client.do(self.client.create("a"))
        self.daemon.send_signal(signal.SIGUSR1)
        self.daemon.wait_said('"states":1')
        self.assertEqual(len(self.client.states()), 1)

    def test_the_end_in_the_middle_of_commands(self):
        self.client.make("a", "function __receive_callback() for _ = 1, 10000 do end end")
        for _ in range(200):
            self.client.send(self.client.data_to("a", b"x"))
        self.client.send(script(1, "a", "x = 1", room=3)[0])
        self.assertEqual(self.daemon.stop().wait(), SUCCESS)

    def test_what_it_prints_with_json_is_json(self):
        running = self.start_daemon("--port", "77", "--json")
        client = self.connect(server=77)
        client.make("a", "print('hello') function __receive_callback() error('oops') end")
        client.refused(client.data_to("a", b"x"))
        running.stop()
        self.assertEqual(running.logged("hello"), ["hello"])
        self.assertEqual(len(running.events_of("error")), 1)
