# SPDX-License-Identifier: GPL-2.0-or-later
"""The networks themselves, without nflua: what the other tests take for granted."""
from live import LiveTest
from namespaces import Bridged, ROUTER_LAN
from peers import ECHO_PORT, GRACE_S, Probe, Probes, receive_exactly, tcp_connection

DNAT_PORT = 8080
GSO_BYTES = 3000  # above every segment
STREAM_BYTES = 1 << 18


class Topology(LiveTest):
    def test_every_probe_is_answered(self):
        self.assert_all_pass()

    def test_a_rule_that_drops_stops_every_probe(self):
        self.counting(verdict="drop")
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())

    def test_a_rule_that_drops_one_kind_stops_only_that(self):
        self.counting("meta l4proto icmpv6", verdict="drop")
        probes = Probes(self.net)
        self.assertEqual(probes.answered(1), set(Probe.NAMES) - {"icmp6"})

    def test_masquerading_hides_the_client(self):
        self.net.masquerade()
        self.assert_all_pass()
        listed = self.net.router.run("conntrack", "-L").stdout
        self.assertIn("dst=10.77.2.1", listed)

    def test_dnat_leads_to_the_server(self):
        self.net.dnat(DNAT_PORT, ECHO_PORT)
        for address in ROUTER_LAN.values():
            with tcp_connection(self.net.client, address, DNAT_PORT) as connection:
                connection.sendall(b"through")
                self.assertEqual(receive_exactly(connection, 7), b"through")

    def test_gso_packets_occur(self):
        self.counting(f"meta length > {GSO_BYTES}")
        for address in self.net.server_addresses.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(b"x" * STREAM_BYTES)
                receive_exactly(connection, STREAM_BYTES)
        self.assertGreater(self.counted(), 0)


class BridgedTopology(LiveTest):
    network = Bridged

    def test_bridged_packets_meet_the_forward_hook(self):
        self.counting()
        self.assert_all_pass()
        self.assertGreaterEqual(self.counted(), 2 * len(Probe.NAMES))
