# SPDX-License-Identifier: GPL-2.0-or-later
"""Long runs under load: nothing grows, nothing is lost.

    tests/net/run NFLUA soak        NFLUA_SOAK_S: seconds of each soak (10); NFLUA_SOAK_PACKETS: at
                                    least so many packets of the soak with held ones (100000)
"""
import os
import re
import signal
import socket
import threading
import time

from flood import FLOOD_PORT, PAYLOAD, Flooded
from namespaces import SERVER
from peers import udp_socket

SECONDS = float(os.environ.get("NFLUA_SOAK_S", "10"))
PACKETS = int(os.environ.get("NFLUA_SOAK_PACKETS", "100000"))
# A send of so many packets, which the kernel takes apart; then a pause, so that others get a turn.
BURST = 16
PAUSE_S = 0.0002
UDP_SEGMENT = 103
# What a process may grow by after its first quarter: pages that the allocator keeps.
GROWTH_KB = 8192
RELOAD_S = 0.2


class Soak(Flooded):
    script = "soak.lua"

    def send_until(self, is_over, pause_s=PAUSE_S):
        """Both families, in bursts."""
        threads = [threading.Thread(target=self.send_family, args=(family, is_over, pause_s))
                   for family in SERVER]
        for thread in threads:
            thread.start()
        return threads

    def send_family(self, family, is_over, pause_s):
        with udp_socket(self.net.client, family) as client:
            client.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, len(PAYLOAD))
            client.connect((SERVER[family], FLOOD_PORT))
            while not is_over():
                client.send(PAYLOAD * BURST)
                time.sleep(pause_s)

    def memory_kb(self, running):
        with open(f"/proc/{running.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"^VmRSS:\s+(\d+) kB", file.read(), re.MULTILINE)[1])

    def soak(self, running, meanwhile=lambda: None, packets=0, pause_s=PAUSE_S):
        """Sends for the time asked for, and more until so many have arrived. Memory stays flat.
        What is still held then, or waits, goes by the policy: it passes."""
        start = time.monotonic()
        over = threading.Event()
        threads = self.send_until(over.is_set, pause_s)
        first_kb = None
        while ((passed := time.monotonic() - start) < SECONDS
               or self.counted(name="arrived") < packets):
            meanwhile()
            time.sleep(RELOAD_S)
            if first_kb is None and passed > SECONDS / 4:
                first_kb = self.memory_kb(running)
        over.set()
        for thread in threads:
            thread.join()
        self.assertLess(self.memory_kb(running), first_kb + GROWTH_KB, running.stderr.text())

    def test_one_packet_in_ten_is_held(self):
        running = self.launch_flooded("hold", "--queue-maxlen", "8192")
        self.soak(running, packets=PACKETS)
        self.assert_accounted(running)
        rows, arrived = running.table, self.counted(name="arrived")
        self.assertGreaterEqual(arrived, PACKETS)
        self.assertGreater(rows["stolen"], arrived // 20)
        self.assertEqual(rows["stolen"], rows["sent later"] + rows["closed"])

    def test_every_bound_is_blown_on_every_packet(self):
        running = self.launch_flooded("fail", "--max-bytes", str(4 << 20))
        self.soak(running, pause_s=0.02)
        self.assert_accounted(running)
        rows = running.table
        self.assertEqual(rows["drop"], 0)
        self.assertEqual(rows["errors"], rows["calls"])
        for row in ("out of instructions", "out of memory"):
            self.assertGreater(rows[row], 0)

    def test_a_flood_beyond_capacity(self):
        """It outlives that, says what was lost, and judges again when it is over."""
        running = self.launch_flooded("slow", "--fail", "closed", "--queue-maxlen", "1024")
        self.soak(running, pause_s=0)
        running.wait_for("empty queues", lambda: self.waiting() == 0)
        judged = self.judged(running)
        with udp_socket(self.net.client, 4) as client:
            client.sendto(PAYLOAD, (SERVER[4], FLOOD_PORT))
        running.wait_for("packets after it", lambda: self.judged(running) > judged)
        self.assertGreater(self.assert_accounted(running), 0)

    def judged(self, running):
        """Packets that met the script, by the counters that SIGUSR1 prints."""
        before = running.stderr.text().count("time in rules")
        running.send_signal(signal.SIGUSR1)
        running.wait_said("time in rules", before + 1)
        return int(re.findall(r"^  packets +(\d+)", running.stderr.text(), re.M)[-1])

    def test_reloading_all_the_time(self):
        running = self.launch_flooded("hold", "--queue-maxlen", "8192")
        self.soak(running, lambda: running.send_signal(signal.SIGHUP))
        running.wait_said(": reloaded")
        self.assert_accounted(running)
