# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of this host under load. Under iptables-nft the OUTPUT hook is entered by processes with
bottom halves enabled, so that a timer or a packet that comes meets the state's lock on the same CPU."""
import threading

from kernel_base import KernelTest
from namespaces import SERVER, TIMEOUT_S
from peers import ECHO_PORT, Echo, receive_exactly, tcp_connection

LOAD = b"0123456789abcdef" * 4096
ROUNDS = 8
PINGS = 2000
# So that TCP sends again, from timers.
LOSS = "0.01"


class Load:
    """Of a flavour: mixed with KernelTest below."""

    def load(self, address):
        with tcp_connection(self.net.router, address, ECHO_PORT) as connection:
            for _ in range(ROUNDS):
                sender = threading.Thread(target=connection.sendall, args=(LOAD,))
                sender.start()
                self.received.append(receive_exactly(connection, len(LOAD)) == LOAD)
                sender.join()

    def ping(self, address):
        self.net.router.run("ping", "-q", "-f", "-c", PINGS, "-w", TIMEOUT_S, address, check=False)

    def run_at_once(self):
        self.received = []
        threads = [threading.Thread(target=work, args=(address,))
                   for work in (self.load, self.ping) for address in SERVER.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.received, [True] * ROUNDS * len(SERVER))

    def lose_some(self):
        self.rules.add("-m", "statistic", "--mode", "random", "--probability", LOSS, "-j", "DROP",
                       chain="POSTROUTING", table="mangle")

    def test_ping_and_tcp(self):
        self.make("output.lua")
        for chain in ("OUTPUT", "INPUT"):
            self.ask("look", chain=chain)
        self.lose_some()
        self.run_at_once()
        self.assertGreater(int(self.value("count")), PINGS)
        self.assert_no_errors()

    def test_packets_are_held_for_a_while(self):
        self.make("output.lua")
        for chain in ("OUTPUT", "INPUT"):
            self.call("hold_some", chain=chain)
        self.run_at_once()
        self.assertGreater(self.look("sent"), 0)
        self.assertEqual((self.look("errors"), self.look("send_failures")), (0, 0), self.said())


class OutputNft(Load, KernelTest):
    pass


class OutputLegacy(Load, KernelTest):
    flavour = "legacy"
