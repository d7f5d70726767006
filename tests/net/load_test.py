# SPDX-License-Identifier: GPL-2.0-or-later
"""Much traffic: no packet is unaccounted for, and nflua outlives what is beyond its capacity."""
import json
import signal
import threading

from flood import FLOOD_PORT, KERNEL_DROPS, PACKETS, PAYLOAD, Flooded
from live import LiveTest
from namespaces import SERVER
from peers import udp_socket, wait_listening

SCRIPT = "load.lua"
IPERF_PORT = 5201


class Flood(Flooded):
    def test_every_packet_is_accounted_for(self):
        running = self.launch_flooded("drop_a_third")
        self.flood()
        self.assert_accounted(running)
        self.assertGreater(running.table["drop"], 0)

    def test_a_flood_beyond_capacity_with_fail_closed(self):
        running = self.launch_flooded("slow", "--fail", "closed", "--queue-maxlen", "64")
        self.flood()
        self.assert_all_pass()
        self.assertGreater(self.assert_accounted(running), 0)

    def test_a_flood_beyond_capacity_with_fail_open(self):
        running = self.launch_flooded("slow", "--fail", "open", "--queue-maxlen", "64")
        self.flood()
        self.assert_all_pass()
        self.assert_accounted(running)
        self.assertGreater(running.table["packets"], 0)
        self.assertLess(running.table["packets"], self.counted(name="arrived"))

    def test_the_end_within_a_flood_loses_nothing_with_fail_open(self):
        """What waits passes by the policy; what comes later meets no rule of ours."""
        running = self.launch_flooded("accept", "--fail", "open")
        flooding = threading.Thread(target=self.flood)
        flooding.start()
        running.wait_for("a part of it", lambda: self.counted(name="left") > PACKETS // 8)
        running.stop()
        flooding.join()
        self.assertGreater(running.table["accept"], 0)
        lost = sum(running.table[name] for name in KERNEL_DROPS)
        self.assertEqual(self.counted(name="arrived"), self.counted(name="left") + lost)

    def test_reloading_within_a_flood_loses_nothing(self):
        running = self.launch_flooded("accept")
        flooding = threading.Thread(target=self.flood)
        flooding.start()
        for times in range(1, 6):
            running.send_signal(signal.SIGHUP)
            running.wait_said(": reloaded", times)
        flooding.join()
        running.wait_for("empty queues", lambda: self.waiting() == 0)
        self.assert_accounted(running)
        self.assertEqual(running.table["drop"], 0)

    def test_after_a_flood_traffic_is_filtered_again(self):
        running = self.launch_flooded("slow", "--fail", "closed", "--queue-maxlen", "64")
        self.flood()
        running.wait_for("empty queues", lambda: self.waiting() == 0)
        with udp_socket(self.net.client, 4) as client:
            client.connect((SERVER[4], FLOOD_PORT))
            before = self.counted(name="left")
            for _ in range(6):
                client.send(PAYLOAD)
            running.wait_for("four of six", lambda: self.counted(name="left") == before + 4)


class Stream(LiveTest):
    def iperf3(self, address):
        """Bytes that arrived in a second of one TCP stream."""
        self.start(self.net.server, "iperf3", "-s", "-1", "-p", IPERF_PORT)
        wait_listening(self.net.server, IPERF_PORT)
        report = json.loads(self.net.client.run(
            "iperf3", "-c", address, "-p", IPERF_PORT, "-t", "1", "-J").stdout)
        return report["end"]["sum_received"]["bytes"]

    def test_iperf3_in_gso_packets(self):
        for address in SERVER.values():
            with self.subTest(address):
                running = self.launch(SCRIPT, "--hook", "forward", "--target", "say_large")
                running.wait_ready()
                self.assertGreater(self.iperf3(address), 0)
                running.stop()
                self.assertIn("large", running.stderr.text())
                self.assertEqual(sum(running.table[name] for name in KERNEL_DROPS), 0)

    def test_iperf3_over_two_workers_behind_masquerading(self):
        self.net.masquerade()
        running = self.launch(SCRIPT, "--hook", "forward", "--target", "say_large", "--workers",
                              "2").wait_ready()
        self.assertGreater(self.iperf3(SERVER[4]), 0)
        running.stop()
        self.assertGreater(running.table["continue"], 0)
