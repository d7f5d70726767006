# SPDX-License-Identifier: GPL-2.0-or-later
"""Long runs: nothing grows, and the kernel does not complain.

    tests/guest/run tests/kernel/run NFLUA soak       not among the suites: make soak

NFLUA_SOAK_S: seconds of the flood, and at most so many of each kind of cycles (10)
NFLUA_SOAK_STATES, NFLUA_SOAK_LOADS: cycles of states (1000), of loading (100)"""
import os
import re
import threading
import time
import unittest

import module
from kernel_base import KernelTest, Steering, connect
from namespaces import SERVER, Namespace
from peers import ECHO_PORT, udp_socket
from xtables import match, target

SECONDS = float(os.environ.get("NFLUA_SOAK_S", "10"))
STATES = int(os.environ.get("NFLUA_SOAK_STATES", "1000"))
LOADS = int(os.environ.get("NFLUA_SOAK_LOADS", "100"))
# What the kernel may have more of after a run than after its first part: caches, and what waits
# for the next grace period.
GROWTH_KB = 4096
SETTLE_S = 1
TAKEN = re.compile(r"^(SUnreclaim|KernelStack|Percpu|VmallocUsed): +(\d+) kB", re.MULTILINE)


def kernel_kb():
    """Memory of the kernel's own that is not a cache of files."""
    time.sleep(SETTLE_S)
    with open("/proc/meminfo", encoding="ascii") as file:
        return sum(int(kb) for _, kb in TAKEN.findall(file.read()))


class Soaking(Steering):
    """Of a test."""

    def assert_flat(self, step, count, seconds=SECONDS):
        """Does so many steps, fewer if time is up, at least 10; memory stays as after a quarter."""
        start, first_kb, done = time.monotonic(), None, 0
        while done < count and (time.monotonic() < start + seconds or done < 10):
            step(done)
            done += 1
            is_quarter = done * 4 >= count or time.monotonic() > start + seconds / 4
            if first_kb is None and is_quarter:
                first_kb = kernel_kb()
        grown = kernel_kb() - first_kb
        print(f"{done} times, {grown:+} kB", end=" ... ", flush=True)
        self.assertLess(grown, GROWTH_KB)
        self.assertEqual(self.log.complaints(), [])


class Cycles(Soaking, unittest.TestCase):
    def setUp(self):
        self.begin()
        self.busy = KernelTest.path_of("busy.lua").read_text()

    def test_states_are_created_executed_and_destroyed(self):
        home = Namespace()
        self.addCleanup(home.close)
        with connect(home) as client:
            def cycle(_):
                client.make("s", self.busy)
                client.value("s", "timer.create(1000, target)")
                client.do(client.destroy("s"))
            self.assert_flat(cycle, STATES)

    def test_namespaces_come_and_go(self):
        def cycle(_):
            home = Namespace()
            with connect(home) as client:
                client.make("s", self.busy)
            home.close()
        self.assert_flat(cycle, STATES)

    def test_the_module_is_loaded_and_unloaded(self):
        home = Namespace()
        self.addCleanup(home.close)

        def cycle(_):
            with connect(home) as client:
                client.make("s", self.busy)
            module.unload()
            module.load()
        self.assert_flat(cycle, LOADS)


class Flood(Soaking, KernelTest):
    def send_until(self, over):
        with udp_socket(self.net.client, 4) as four, udp_socket(self.net.client, 6) as six:
            while not over.is_set():
                four.sendto(b"x" * 100, (SERVER[4], ECHO_PORT))
                six.sendto(b"x" * 100, (SERVER[6], ECHO_PORT))

    def change(self, number):
        """Another rule, another script, another state."""
        chain = ("FORWARD", "INPUT", "OUTPUT")[number % 3]
        state = f"other{number % 7}"
        self.client.make(state, self.busy)
        self.rules.flush()
        self.rules.add(*target(self.state, "target"), chain="FORWARD")
        self.rules.add(*match(state, "match"), *target(state, "target"), chain=chain)
        self.client.do(self.client.reload(self.state, self.busy))
        self.rules.flush()
        self.client.do(self.client.destroy(state))

    def test_rules_and_scripts_change_under_flood(self):
        self.busy = self.path_of("busy.lua").read_text()
        module.set_parameter("log_per_second", 1)
        self.make("busy.lua")
        over = threading.Event()
        sender = threading.Thread(target=self.send_until, args=(over,))
        sender.start()
        try:
            self.assert_flat(self.change, float("inf"))
        finally:
            over.set()
            sender.join()
        self.rules.flush()
        self.assert_all_pass()
