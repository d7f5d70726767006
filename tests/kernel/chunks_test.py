# SPDX-License-Identifier: GPL-2.0-or-later
"""Chunks that run for long: they let go of their state now and then, for packets, other tasks, and
other CPUs."""
import contextlib
import os
import signal
import threading
import time

import module
from handmade import script
from kernel_base import KernelTest
from live import NFLUA
from peers import ECHO_PORT, GRACE_S, Probes, udp_socket

# More than a test has time for.
ENDLESS = 1 << 40
# Many times what runs between two pauses.
LONG = "local n = 0 for i = 1, 3e6 do n = n + 1 end assert(n == 3e6) "
# Times that long, until something has happened meanwhile.
LONGER = (1, 2, 8)
PLENTY = 100_000_000
ROUNDS = 5
ATTEMPTS = 20
MOVE_S = 0.01


class Failing(KernelTest):
    def test_the_log_says_why(self):
        """The original's clients don't know how to ask. Who evaluates is always told."""
        client = self.client
        client.do(client.create(self.state))
        client.refused(client.execute(self.state, "\nerror('oops')"))
        client.refused(client.execute(self.state, "x x"))
        client.refused(client.reload(self.state, "error('again')"))
        client.refused(client.evaluate(self.state, "error('asked')"))
        client.refused(script(client.number(), self.state, "error('odd')", script_name="\x1b\n"))
        for line in ("chunk: chunk:2: oops", "chunk: chunk:1: syntax error", "chunk: chunk:1: again",
                     r"\x1b\x0a: chunk:1: odd"):
            self.assertEqual(len(self.said(line)), 1, self.said())
        self.assertEqual(self.said("asked"), [])

    def test_it_says_so_at_the_states_rate(self):
        module.set_parameter("log_per_second", 1)
        client = self.client
        client.do(client.create(self.state))
        for number in range(200):
            client.refused(client.execute(self.state, f"error('oops {number}')"))
        self.assertLess(len(self.said("oops")), 100)
        self.assertGreater(len(self.said("oops")), 5)


class Chunks(KernelTest):
    def setUp(self):
        super().setUp()
        self.make("function match() return true end\n", load_instructions=PLENTY)

    def while_running(self, chunk, work):
        """Does that again and again until the chunk has come to its end."""
        over = threading.Event()

        def run():
            for _ in range(ROUNDS):
                self.client.do(self.client.execute(self.state, chunk))
            over.set()

        runner = threading.Thread(target=run)
        runner.start()
        while not over.is_set():
            work(runner.native_id)
        runner.join()

    def test_they_go_on_on_another_cpu(self):
        cpus = sorted(os.sched_getaffinity(0))
        self.assertGreater(len(cpus), 1)

        def move(thread):
            for cpu in cpus:
                time.sleep(MOVE_S)
                with contextlib.suppress(ProcessLookupError):  # it is over
                    os.sched_setaffinity(thread, {cpu})

        self.while_running(LONG, move)
        self.assertEqual(self.value("match()"), "true")

    def test_packets_pass_unmatched_meanwhile(self):
        self.ask("match", "-j", "DROP")
        for _ in range(ATTEMPTS):  # a probe must come while a chunk runs
            self.while_running(LONG, lambda _: Probes(self.net, ("udp4",)).answered(GRACE_S))
            if self.look("busy") > 0:
                break
        self.assertGreater(self.look("busy"), 0)
        self.assert_dropped(("udp4", "udp6"))

    def test_the_old_script_goes_on_while_another_one_is_loaded(self):
        """Whatever a packet meets, it matches: the old script or the new one."""
        self.ask("match", "-j", "DROP")
        new = f"{LONG} function match() return true end"
        over = threading.Event()

        def reload():
            for _ in range(ROUNDS):
                self.client.do(self.client.reload(self.state, new))
            over.set()

        reloader = threading.Thread(target=reload)
        reloader.start()
        while not over.is_set():
            self.assertEqual(Probes(self.net, ("udp4",)).answered(GRACE_S), set())
        reloader.join()

    def test_the_old_scripts_timers_run_meanwhile(self):
        """Also when those of the new one are due, and have to wait."""
        self.assertTrue(any(self.ticks_during(LONG * times) > 4 for times in LONGER))

    def ticks_during(self, chunk):
        """How often the old script's timer ran during a reload. A busy machine starts it late."""
        self.client.do(self.client.reload(self.state, """
            ticks = 0
            local function tick()
              ticks = ticks + 1
              timer.create(1, tick)
            end
            tick()
            function on_unload() return { ticks } end"""))
        before = int(self.value("ticks"))
        self.client.do(self.client.reload(self.state, f"""
            timer.create(0, function() end)
            {chunk}
            function on_reload(old) ticks = old[1] end"""))
        return int(self.value("ticks")) - before


class Endless(KernelTest):
    """A chunk that only its task's death ends."""

    def setUp(self):
        super().setUp()
        self.make("hold.lua", load_instructions=ENDLESS)

    def run_endlessly(self):
        runner = self.net.router.start(
            NFLUA, "execute", "--kernel", self.state, "-e",
            f"running = true netlink.send({self.client.port}, nil, 'so it is') while true do end")
        self.addCleanup(runner.wait)
        self.addCleanup(runner.kill)
        self.client.receive()
        return runner

    def hold_one(self):
        self.call("keep", "-i", "lan0")
        with udp_socket(self.net.client, 4) as client:
            client.sendto(b"held", (self.net.server_addresses[4], ECHO_PORT))
        self.wait_until("it is held", lambda: self.look("packets_held") == 1)
        self.rules.flush()

    def test_it_ends_with_its_task(self):
        runner = self.run_endlessly()
        runner.kill()
        self.assertEqual(runner.wait(), -signal.SIGKILL)
        self.assertEqual(self.value("running"), "true")

    def test_its_state_is_destroyed_and_keeps_no_device(self):
        self.hold_one()
        runner = self.run_endlessly()
        destroyer = self.net.router.start(NFLUA, "destroy", "--kernel", "--timeout",
                                          "600", self.state)
        self.wait_until("nobody finds it", lambda: self.client.states() == [])
        self.net.router.ip("link del lan0")
        self.assertIsNone(runner.poll())
        runner.kill()
        self.assertEqual(destroyer.wait(), 0)
