# SPDX-License-Identifier: GPL-2.0-or-later
"""A network in which the router counts what arrives and what leaves of a flood."""
import socket
import threading

from live import LiveTest
from namespaces import SERVER
from peers import udp_socket

FLOOD_PORT = 9
PACKETS = 60000
PAYLOAD = b"x" * 36
QUEUES = "/proc/thread-self/net/netfilter/nfnetlink_queue"
# Rows of the summary: packets that the kernel dropped before a script saw them.
KERNEL_DROPS = ("dropped, queue full", "dropped, socket full")


class Flooded(LiveTest):
    script = "load.lua"

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

    def flood(self, packets=PACKETS):
        """Both families at once, as fast as this process can."""
        threads = [threading.Thread(target=self.flood_family, args=(family, packets // 2))
                   for family in SERVER]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def flood_family(self, family, packets):
        with udp_socket(self.net.client, family) as client:
            client.connect((SERVER[family], FLOOD_PORT))
            for _ in range(packets):
                client.send(PAYLOAD)

    def waiting(self):
        """Packets in the router's queues."""
        with self.net.router.entered(), open(QUEUES, encoding="ascii") as file:
            return sum(int(line.split()[2]) for line in file)

    def assert_accounted(self, running):
        """arrived = left + dropped by verdict, closed by the script, dropped by --fail closed at the
        end, or by the kernel."""
        running.stop()
        rows = running.table
        lost = sum(rows[name] for name in KERNEL_DROPS)
        at_end = rows["drained"] if "closed" in running.process.args else 0
        arrived, left = self.counted(name="arrived"), self.counted(name="left")
        self.assertGreater(arrived, 0)
        self.assertEqual(arrived, left + rows["drop"] + rows["closed"] + at_end + lost, running.stdout.text())
        return lost

    def launch_flooded(self, function, *options):
        return self.launch(self.script, "--hook", "forward", "--filter", f"udp port {FLOOD_PORT}",
                           "--target", function, *options).wait_ready()
