# SPDX-License-Identifier: GPL-2.0-or-later
"""Much traffic: no packet is unaccounted for, and nflua outlives what is beyond its capacity."""
import json
import signal
import socket
import threading

from live import LiveTest
from namespaces import SERVER
from peers import udp_socket, wait_listening

SCRIPT = "load.lua"
FLOOD_PORT = 9
PACKETS = 60000
PAYLOAD = b"x" * 36
QUEUES = "/proc/thread-self/net/netfilter/nfnetlink_queue"
IPERF_PORT = 5201
# Rows of the summary: packets that the kernel dropped before a script saw them.
KERNEL_DROPS = ("dropped, queue full", "dropped, socket full")


class Flood(LiveTest):
    def setUp(self):
        super().setUp()
        self.net.router.nft(f"""table inet user {{
            counter arrived {{ }}
            counter left {{ }}
            chain first {{
                type filter hook prerouting priority raw
                udp dport {FLOOD_PORT} counter name arrived
            }}
            chain last {{
                type filter hook postrouting priority srcnat + 10
                udp dport {FLOOD_PORT} counter name left
            }}
        }}""")
        self.sink = self.net.server.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.addCleanup(self.sink.close)
        self.sink.bind(("::", FLOOD_PORT))

    def flood(self):
        """Both families at once, as fast as this process can."""
        threads = [threading.Thread(target=self.flood_family, args=(family,)) for family in SERVER]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def flood_family(self, family):
        with udp_socket(self.net.client, family) as client:
            client.connect((SERVER[family], FLOOD_PORT))
            for _ in range(PACKETS // 2):
                client.send(PAYLOAD)

    def waiting(self):
        """Packets in the router's queues."""
        with self.net.router.entered(), open(QUEUES, encoding="ascii") as file:
            return sum(int(line.split()[2]) for line in file)

    def assert_accounted(self, running):
        """arrived = left + dropped by verdict + dropped by the kernel."""
        running.stop()
        rows = running.table
        lost = sum(rows[name] for name in KERNEL_DROPS)
        arrived, left = self.counted(name="arrived"), self.counted(name="left")
        self.assertGreater(arrived, 0)
        self.assertEqual(arrived, left + rows["drop"] + lost, running.stdout.text())
        return lost

    def launch_flooded(self, function, *options):
        return self.launch(SCRIPT, "--hook", "forward", "--filter", f"udp port {FLOOD_PORT}",
                           "--target", function, *options).wait_ready()

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
