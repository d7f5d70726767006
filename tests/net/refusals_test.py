# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong: command lines, permissions, a queue that is taken, a device that disappears,
scripts that use up every bound."""
from live import ENVIRONMENT, LiveTest, UNREADABLE, USAGE
from namespaces import SERVER, Namespace, connect
from peers import ECHO_PORT, Probe, udp_socket

SCRIPT = "verdicts.lua"
WITHOUT_CAPABILITIES = ("setpriv", "--inh-caps=-all", "--bounding-set=-all")
COMMAND_LINES = (
    ("neither queue nor hook", [], "--hook"),
    ("queue and hook", ["--queue", "1", "--hook", "forward"], "--queue"),
    ("an unknown hook", ["--hook", "sideways"], "prerouting"),
    ("an unknown family", ["--hook", "forward", "--family", "bridges"], "inet"),
    ("a queue that is no number", ["--queue", "first"], "first"),
    ("a queue number that is too high", ["--queue", "65536"], "65535"),
    ("a range that goes back", ["--queue", "4-3"], "4-3"),
    ("an unknown policy", ["--hook", "forward", "--fail", "maybe"], "maybe"),
    ("a priority that is no number", ["--hook", "forward", "--priority", "high"], "'high'"),
    ("a device's name that is too long", ["--hook", "forward", "--in-interface", "a" * 16],
     "a" * 16),
    ("a hook's option with a queue", ["--queue", "1", "--in-interface", "lan0"], "--in-interface"),
)


class Refusals(LiveTest):
    def assert_refused(self, running, status, *texts):
        self.assertEqual(running.wait(), status, running.stderr.text())
        for text in texts:
            self.assertIn(text, running.stderr.text())
        self.assertEqual(running.stdout.text(), "")
        self.assert_no_tables()

    def test_command_lines(self):
        for what, arguments, text in COMMAND_LINES:
            with self.subTest(what):
                running = self.launch(SCRIPT, *arguments, "--target", "drop")
                self.assert_refused(running, USAGE, text)

    def test_a_script_that_is_not_there(self):
        running = self.launch(self.folder / "none.lua", "--hook", "forward")
        self.assert_refused(running, UNREADABLE, "none.lua", "No such file")

    def test_a_script_that_does_not_load(self):
        script = self.folder / "broken.lua"
        script.write_text("function target(")
        running = self.launch(script, "--hook", "forward")
        self.assert_refused(running, UNREADABLE, "broken.lua:1:")

    def test_without_permission(self):
        for where in (("--hook", "forward"), ("--queue", "3")):
            with self.subTest(where[0]):
                running = self.launch(SCRIPT, *where, "--target", "drop",
                                      before=WITHOUT_CAPABILITIES)
                self.assert_refused(running, ENVIRONMENT, "CAP_NET_ADMIN")
        self.assert_all_pass()

    def test_a_queue_that_is_taken(self):
        first = self.launch(SCRIPT, "--queue", "3", "--target", "drop").wait_ready()
        second = self.launch(SCRIPT, "--queue", "3", "--target", "drop")
        self.assertEqual(second.wait(), ENVIRONMENT)
        self.assertIn("queue 3", second.stderr.text())
        first.stop()
        self.launch(SCRIPT, "--queue", "3", "--target", "drop").wait_ready().stop()

    def test_one_queue_of_a_range_that_is_taken(self):
        self.launch(SCRIPT, "--queue", "4", "--target", "drop").wait_ready()
        second = self.launch(SCRIPT, "--queue", "3-5", "--target", "drop")
        self.assertEqual(second.wait(), ENVIRONMENT)
        self.assertIn("queue 4", second.stderr.text())
        self.launch(SCRIPT, "--queue", "5", "--target", "drop").wait_ready().stop()

    def test_the_same_script_twice(self):
        """Its table is there already, and not ours to replace."""
        first = self.forward(SCRIPT, "--target", "accept")
        second = self.launch(SCRIPT, "--hook", "forward", "--target", "drop")
        self.assertEqual(second.wait(), ENVIRONMENT, second.stderr.text())
        self.assertIn("nflua_verdicts", second.stderr.text())
        self.assert_all_pass()
        first.stop()


class Devices(LiveTest):
    def setUp(self):
        super().setUp()
        self.other = Namespace()
        self.addCleanup(self.other.close)
        connect(self.net.router, "lan1", self.other, "eth0")
        self.other.ip("addr add 10.77.3.2/24 dev eth0", "link set eth0 up",
                      "route add default via 10.77.3.1")
        self.net.router.ip("addr add 10.77.3.1/24 dev lan1", "link set lan1 up")

    def test_a_device_that_disappears(self):
        running = self.forward(SCRIPT, "--in-interface", "lan1", "--target", "accept")
        self.net.router.ip("link del lan1")
        self.assert_all_pass()
        running.stop()
        self.assert_no_tables()

    def test_a_device_that_disappears_while_its_packets_are_held(self):
        running = self.forward("hold.lua", "--target", "delay")
        with udp_socket(self.other, 4) as client:
            running.wait_for("a held packet", lambda: self.held(client, running))
        self.net.router.ip("link del lan1")
        self.assert_all_pass()
        running.stop()
        ends = running.verdicts()
        self.assertEqual(ends["stolen"], ends["sent"] + ends["closed"] + ends["failed"], ends)

    def held(self, client, running):
        client.sendto(b"held", (SERVER[4], ECHO_PORT))
        return running.verdicts()["stolen"] > 0


class Bounds(LiveTest):
    def assert_traffic_goes_on(self, function, row, *options, kind="--target"):
        """A callback that fails decides nothing: its packets pass, and are counted as errors."""
        running = self.launch("hostile.lua", "--hook", "forward", kind, function, *options)
        running.wait_ready()
        for _ in range(3):
            self.assert_all_pass()
        running.stop()
        self.assertGreaterEqual(running.table[row], 3 * 2 * len(Probe.NAMES))
        judged = running.table["packets"] - running.table["drained"]
        self.assertEqual(running.table["errors"], judged)

    def test_instructions(self):
        self.assert_traffic_goes_on("loop", "out of instructions")

    def test_memory(self):
        self.assert_traffic_goes_on("eat", "out of memory", "--max-bytes", "1000000")

    def test_recursion(self):
        self.assert_traffic_goes_on("nest", "errors")

    def test_timers(self):
        self.assert_traffic_goes_on("arm", "timers refused", "--max-timers", "3")

    def test_held_packets(self):
        self.assert_traffic_goes_on("hold", "holds refused", "--max-held-packets", "0")

    def test_wrong_answers(self):
        self.assert_traffic_goes_on("babble", "errors", kind="--match")

    def test_errors_in_the_log_are_bounded(self):
        running = self.launch("hostile.lua", "--hook", "forward", "--match", "babble")
        running.wait_ready()
        for _ in range(20):
            self.assert_all_pass()
        running.stop()
        self.assertGreater(running.table["errors"], 200)
        self.assertLess(len(running.stderr.lines), 100)
