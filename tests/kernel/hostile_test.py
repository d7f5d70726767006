# SPDX-License-Identifier: GPL-2.0-or-later
"""What should not harm the machine: hostile scripts under flood, missing memory, scripts that send
while they run. The guest's kernel ends at its first complaint."""
import contextlib
import os
import re
import socket

import module
from kernel_base import HERE, KernelTest
from namespaces import SERVER
from peers import udp_socket

HOSTILE = sorted((HERE.parent / "hostile").glob("*.lua"))
EXPECT = re.compile(r"^-- expect: (.*)$", re.MULTILINE)
FLOOD_PORT = 9
# Of each family, to each script.
BURST = int(os.environ.get("NFLUA_TEST_BURST", "8"))
PAYLOAD = b"x" * 100
# Every so many allocations, one fails.
FAILING = (1, 2, 3, 5, 10, 50, 200, 1000)
GOOD = "function good() return 1 + 1 == 2 end"


class HostileTest(KernelTest):
    def flood(self, packets=BURST):
        for family in SERVER:
            with udp_socket(self.net.client, family) as client:
                for _ in range(packets):
                    client.sendto(PAYLOAD, (SERVER[family], FLOOD_PORT))

    def assert_alive(self, state):
        self.client.do(self.client.execute(state, GOOD))
        self.assertEqual(self.client.value(state, "good()"), "true")


class Scripts(HostileTest):
    def setUp(self):
        super().setUp()
        self.make(GOOD + "\n", state="other")
        self.ask("good", "-m", "comment", "--comment", "other", state="other",
                 chain="PREROUTING", table="raw")

    def test_each_ends_on_every_packet_and_leaves_all_usable(self):
        self.assertGreater(len(HOSTILE), 100)
        for path in HOSTILE:
            with self.subTest(path.stem):
                self.client.do(self.client.create("hostile"))
                try:
                    self.run_script(path)
                finally:
                    self.client.do(self.client.destroy("hostile"))
        self.assert_alive("other")
        self.assert_all_pass()

    def run_script(self, path):
        source = path.read_text()
        expected = EXPECT.search(source)[1]
        replies = self.client.ask(self.client.execute("hostile", source))
        if expected.startswith("load-error"):
            self.assertTrue(replies[0].is_error, expected)
        elif not replies[0].is_error:  # the kernel's bounds are tighter: some end at loading
            self.run_match(expected)
        self.assert_alive("hostile")

    def run_match(self, expected):
        self.ask("match", "-j", "DROP", state="hostile")
        try:
            self.flood()
            self.wait_until("all packets met the script",
                            lambda: self.calls("hostile") >= 2 * BURST)
        finally:
            self.rules.flush()
        if expected == "budget" or expected.startswith("error"):
            self.assertGreaterEqual(self.look("errors", "hostile"), 2 * BURST)


class Stack(HostileTest):
    """Where much of it is used before the script begins."""

    DEPTH = 8
    # What a kernel that bounds tunnels within tunnels (6.12, 7.3) lets through for sure.
    BOUNDED_DEPTH = 3
    TOO_DEEP = "Dead loop on virtual device"
    ATTEMPTS = 20

    def nest_tunnels(self):
        """Each sends through the one before, and to nobody."""
        self.net.router.ip(f"neigh add {self.end(0)} lladdr 02:00:00:00:00:02 dev wan0",
                           *(line for depth in range(self.DEPTH) for line in self.tunnel(depth)))

    @staticmethod
    def end(depth):
        return "10.77.2.99" if depth == 0 else f"10.79.{depth}.2"

    def tunnel(self, below):
        name = f"nest{below + 1}"
        yield f"link add {name} type geneve id {below + 1} remote {self.end(below)}"
        yield f"link set {name} mtu 1400 up"
        yield f"addr add 10.79.{below + 1}.1/24 dev {name}"
        yield f"neigh add {self.end(below + 1)} lladdr 02:00:00:00:00:02 dev {name}"

    def connect_often(self, address):
        """Nobody answers: timers in softirqs try again."""
        for port in range(self.ATTEMPTS):
            client = self.net.router.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.addCleanup(client.close)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect((address, 1000 + port))

    def have_tried(self):
        return self.calls() >= 2 * self.ATTEMPTS

    def is_too_deep(self):
        self.log.read()
        return any(self.TOO_DEEP in line for line in self.log.lines)

    def test_a_deep_script_after_many_tunnels(self):
        self.make("""
            local endless = setmetatable({}, { __index = function(self, key) return self[key] end })
            local function descend() return endless.x end
            function deep()
              for _ = 1, 40 do pcall(descend) end
              return descend()
            end
        """)
        self.nest_tunnels()
        self.ask("deep", "-o", "wan0", "-p", "udp", chain="POSTROUTING", table="mangle", families=(4,))
        self.connect_often(self.end(self.DEPTH))
        self.wait_until("all have tried again, or are too deep",
                        lambda: self.have_tried() or self.is_too_deep())
        if self.is_too_deep():
            self.connect_often(self.end(self.BOUNDED_DEPTH))
            self.wait_until("all have tried again", self.have_tried)
        self.assertEqual(self.look("errors"), self.calls())


class Memory(HostileTest):
    """Allocations of scripts fail, whatever they are for."""

    def tearDown(self):
        module.set_parameter("fail_allocation", 0)
        super().tearDown()

    def test_failing_allocations_under_flood(self):
        self.make("busy.lua")
        self.call("target")
        for every in FAILING:
            with self.subTest(every):
                module.set_parameter("fail_allocation", every)
                self.flood(32)
                self.try_all_commands()
                module.set_parameter("fail_allocation", 0)
                self.assert_alive(self.state)
        self.rules.flush()
        self.assert_all_pass()

    def try_all_commands(self):
        """Most of them fail; all are answered."""
        client = self.client
        for messages in (client.create("more"), client.execute("more", "x = {}"),
                         client.evaluate(self.state, "seen"), client.reload("more", "y = {}"),
                         client.stats(self.state), client.list(), client.destroy("more")):
            client.ask(messages)


class Sending(HostileTest):
    def test_a_callback_sends_what_it_held_and_answers_while_it_runs(self):
        """Other packets of the same state leave through hooks that call the same state."""
        self.make("""
            local held = {}
            sent = 0
            function target(pkt)
              pkt:reply("in between")
              for _, other in ipairs(held) do other:send() sent = sent + 1 end
              held = { pkt }
              return "stolen"
            end
            function look(pkt) return pkt:find("never there") ~= nil end
        """)
        self.call("target", "-i", "lan0")
        for chain in ("OUTPUT", "INPUT"):
            self.ask("look", chain=chain)
        for chain in ("PREROUTING", "POSTROUTING"):
            self.ask("look", chain=chain, table="mangle")
        self.flood(50)
        self.wait_until("nearly all were sent", lambda: int(self.value("sent")) >= 99)
        self.assert_no_errors()

    def test_timers_send_while_packets_come(self):
        self.make("busy.lua")
        for chain in ("FORWARD", "OUTPUT", "INPUT"):
            self.call("target", chain=chain)
        for _ in range(50):
            self.flood(40)
        self.wait_until("none is held", lambda: self.look("packets_held") == 0)
        self.assertEqual(self.look("send_failures"), 0)

    def test_every_packet_repeats_too_often(self):
        self.make("function target() return 'repeat' end\n")
        self.call("target")
        self.flood(40)
        self.wait_said("repeated more than 64 times", 80)
        self.assertEqual(self.calls(), 80 * 65)

    def test_the_bound_of_what_is_logged(self):
        module.set_parameter("log_per_second", 10)
        self.make("function target() error('again') end\n")
        self.call("target")
        for _ in range(10):
            self.flood(40)
        self.wait_until("all met it", lambda: self.calls() >= 800)
        self.assertLess(len(self.said("again")), 200)
