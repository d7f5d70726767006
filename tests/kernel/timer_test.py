# SPDX-License-Identifier: GPL-2.0-or-later
"""Timers of scripts in the kernel."""
import unittest

import module
from kernel_base import KernelTest, Steering, connect
from namespaces import Namespace

SCRIPT = "timers.lua"
FAR_MS = 2**31 - 1
CYCLES = 25
# For 4096 timers with a function of its own each.
ROOM_BYTES = 8 << 20


class Timers(KernelTest):
    def setUp(self):
        super().setUp()
        self.make(SCRIPT, maxalloc=ROOM_BYTES)

    def wait_ran(self, count):
        self.wait_until(f"{count} ran", lambda: int(self.value("ran")) >= count)

    def test_they_run_in_order_and_not_before_their_time(self):
        self.value("arm(90, 30, 0, 60)")
        self.wait_ran(4)
        self.assertEqual(self.value("table.concat(order, ' ')"), "0 30 60 90")
        self.assertEqual((self.value("early"), self.look("timers_armed")), ("0", 0))

    def test_as_many_as_are_allowed(self):
        self.value(f"arm_many(4096, {FAR_MS})")
        self.assertEqual(self.look("timers_armed"), 4096)
        self.assertIn("too many timers", self.client.refused(
            self.client.evaluate(self.state, "arm(1)")))

    def test_many_are_due_at_once(self):
        self.value("arm_many(4096, 300)")
        self.wait_ran(4096)
        self.assertEqual((self.value("early"), self.look("timers_armed")), ("0", 0))

    def test_they_can_be_destroyed(self):
        self.value("destroy_some()")
        self.wait_said("own")
        self.assertEqual(self.said(), ["destroyed\ttrue", "again\tnil\ttimer already destroyed",
                                       "own\tnil\ttimer already destroyed"])

    def test_packets_arm_them(self):
        self.call("arm_by_packet")
        self.assert_all_pass()
        self.wait_ran(12)
        self.assertEqual(self.value("early"), "0")
        self.assert_no_errors()

    def test_an_error_is_logged_and_the_next_one_runs(self):
        self.value("timer.create(1, function() error('late words') end)")
        self.value("timer.create(9, function() print('still at work') end)")
        self.wait_said("still at work")
        self.assertEqual(len(self.said("late words")), 1)

    def test_they_wait_while_a_chunk_runs(self):
        """Which lets go of the lock now and then."""
        self.client.do(self.client.limits(self.state, load_instructions=100_000_000))
        self.value("arm(0, 1, 2)")
        self.client.do(self.client.execute(
            self.state, "local before = ran for _ = 1, 3e6 do end assert(ran == before)"))
        self.wait_ran(3)

    def test_reloading_cancels_those_of_the_old_script(self):
        self.value("arm(100)")
        self.client.do(self.client.reload(self.state, "ran = 0 timer.create(200, "
                                                      "function() print('new') end)"))
        self.wait_said("new")
        self.assertEqual(self.value("ran"), "0")

    def test_destroying_the_state_cancels_them(self):
        self.value("arm_many(100, 5)")
        self.client.do(self.client.destroy(self.state))
        self.make(SCRIPT, maxalloc=ROOM_BYTES)
        self.assertEqual(self.look("timers_armed"), 0)


class AtTheEnd(Steering, unittest.TestCase):
    """Armed timers, and those that run just now, when their state goes."""

    def setUp(self):
        self.begin()
        self.home = Namespace()
        self.addCleanup(self.home.close)

    def make(self, client):
        client.make("t", KernelTest.path_of(SCRIPT).read_text())
        client.value("t", f"arm({FAR_MS})")
        client.value("t", "(function() for _ = 1, 5 do go_on_for_ever() end end)()")

    def test_destroying_again_and_again(self):
        with connect(self.home) as client:
            for _ in range(CYCLES):
                self.make(client)
                client.do(client.destroy("t"))
            self.assertEqual(client.states(), [])

    def test_unloading_again_and_again(self):
        for _ in range(CYCLES // 5):
            with connect(self.home) as client:
                self.make(client)
            module.unload()
            module.load()

    def test_namespaces_go_again_and_again(self):
        for _ in range(CYCLES // 2):
            home = Namespace()
            with connect(home) as client:
                self.make(client)
            home.close()
        module.unload()
        module.load()
