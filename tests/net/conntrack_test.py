# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections as the script and as conntrack(8) know them."""
import re

from live import LiveTest
from namespaces import SERVER
from peers import ECHO_PORT, Echo, Probe, receive_exactly, tcp_connection, udp_socket

SCRIPT = "connections.lua"
# As a container has it.
WITH_READ_ONLY_SYS = ("unshare", "--mount", "sh", "-c", """mount --bind /proc/sys /proc/sys &&
    mount -o remount,ro,bind /proc/sys && exec "$@" """, "sh")
NUMBERS = {"icmp": "1", "icmp6": "58", "tcp": "6", "udp": "17"}
FAMILY_NAMES = {4: "ipv4", 6: "ipv6"}


class Ids(LiveTest):
    def listed_ids(self, probe):
        """The ids that conntrack lists for that protocol and family."""
        protocol = "icmpv6" if probe == "icmp6" else probe[:-1]
        listed = self.net.router.run("conntrack", "-L", "-f", FAMILY_NAMES[int(probe[-1])], "-p",
                                     protocol, "-o", "id").stdout
        return set(re.findall(r" id=(\d+)$", listed, re.MULTILINE))  # ICMP has an id of its own

    def seen_ids(self, running, probe):
        number = NUMBERS.get(probe, NUMBERS[probe[:-1]])
        lines = running.logged(f"family={probe[-1]} protocol={number} ")
        self.assertGreaterEqual(len(lines), 2)  # both directions
        return {re.search(r" id=(\S+)", line)[1] for line in lines}

    def assert_ids_are_conntracks(self, *options, hook="forward", also=frozenset()):
        """`also`: what the script may see besides."""
        running = self.nflua(SCRIPT, "--hook", hook, *options)
        self.assert_all_pass()
        listed = {probe: self.listed_ids(probe) for probe in Probe.NAMES}
        running.stop()
        for probe in Probe.NAMES:
            with self.subTest(probe):
                self.assertEqual(len(listed[probe]), 1)
                self.assertEqual(self.seen_ids(running, probe) - also, listed[probe])
        return running

    def test_one_id_from_the_first_packet_on_in_both_directions(self):
        self.assert_ids_are_conntracks()

    def test_the_same_behind_masquerading(self):
        self.net.masquerade()
        self.assert_ids_are_conntracks()

    def test_the_same_at_prerouting(self):
        self.assert_ids_are_conntracks(hook="prerouting")

    def test_the_same_at_postrouting_where_it_is_asked_for(self):
        self.assert_ids_are_conntracks("--connid", "early", hook="postrouting")

    def test_late_means_after_the_first_packet(self):
        """At the latest: a kernel that tells it with the packet knows it from the first one on."""
        running = self.assert_ids_are_conntracks("--connid", "late", also={"nil"})
        for family in SERVER:
            first, *rest = running.logged(f"family={family} protocol=17 ")
            self.assertTrue(rest)
            self.assertFalse([line for line in rest if " id=nil " in line], first)

    def test_a_search_finds_it_after_its_first_packet(self):
        running = self.assert_ids_are_conntracks()
        for line in running.logged("protocol=17 "):
            identity, found = re.search(r" id=(\S+) found=(\S+)", line).groups()
            self.assertIn(found, ("nil", identity))
        firsts = [running.logged(f"family={family} protocol=17 ")[0] for family in SERVER]
        self.assertTrue(all("found=nil" in line for line in firsts), firsts)

    def test_connections_of_the_router_itself(self):
        self.serving(Echo(self.net.router))
        running = self.nflua(SCRIPT, "--hook", "input")
        for family, address in SERVER.items():
            with udp_socket(self.net.router, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(b"mine")
                client.recv(16)
        listed = {probe: self.listed_ids(probe) for probe in ("udp4", "udp6")}
        running.stop()
        for family in SERVER:
            line = running.logged(f"family={family} protocol=17 ")[0]
            self.assertEqual({re.search(r" id=(\S+)", line)[1]}, listed[f"udp{family}"])

    def test_notrack(self):
        running = self.forward(SCRIPT, "--notrack", "--target", "untracked")
        self.assert_all_pass()
        running.stop()
        self.assertEqual(set(running.logged()), {"nil\tuntracked"})
        self.assertEqual(self.net.router.run("conntrack", "-L").stdout, "")


class Traffic(LiveTest):
    def test_counters_of_both_directions(self):
        """The kernel has counted the packet that asks, unless its connection is new."""
        running = self.forward(SCRIPT, "--target", "traffic")
        with udp_socket(self.net.client, 6) as client:
            client.connect((SERVER[6], ECHO_PORT))
            for _ in range(2):
                client.send(b"x" * 52)  # 100 bytes with its headers
                client.recv(64)
        running.stop()
        self.assertEqual(running.logged(), ["both\tnil\tconnid entry not found",
                                            "both\t1\t100\t1\t100",
                                            "both\t2\t200\t1\t100",
                                            "both\t2\t200\t2\t200"])

    def test_accounting_is_switched_on_and_said_once(self):
        running = self.forward(SCRIPT, "--target", "traffic")
        self.assert_all_pass()
        running.stop()
        said = [line for line in running.stderr.lines if "nf_conntrack_acct" in line]
        told = running.logged("nf_conntrack_acct")
        self.assertEqual(len(said) + len(told), 1, running.stderr.text())

    def accounting(self):
        path = "/proc/sys/net/netfilter/nf_conntrack_acct"
        return self.net.router.run("cat", path).stdout.strip()

    def test_accounting_is_put_back_by_the_last_of_several(self):
        self.net.router.sysctl("netfilter/nf_conntrack_acct", 0)
        running = [self.nflua(SCRIPT, "--hook", hook) for hook in ("input", "forward", "output")]
        for each in running:
            self.assertEqual(self.accounting(), "1")
            each.stop()
        self.assertEqual(self.accounting(), "0")

    def test_accounting_that_others_asked_for_stays(self):
        self.net.router.sysctl("netfilter/nf_conntrack_acct", 1)
        running = self.forward(SCRIPT)
        self.assertNotIn("nf_conntrack_acct", running.stop().stderr.text())
        self.assertEqual(self.accounting(), "1")

    def test_accounting_that_cannot_be_switched_on_is_said(self):
        self.net.router.sysctl("netfilter/nf_conntrack_acct", 0)
        running = self.forward(SCRIPT, "--target", "traffic", before=WITH_READ_ONLY_SYS)
        self.assertIn("can't be switched on (net.netfilter.nf_conntrack_acct: Read-only file system",
                      running.stderr.text())
        self.assert_all_pass(("udp4",))
        running.stop()
        self.assertIn("both\tnil\tcounters not found", running.logged())
        self.assertEqual(self.accounting(), "0")

    def test_a_tcp_connection_is_found_by_both_tuples(self):
        running = self.forward(SCRIPT, "--target", "traffic")
        for address in SERVER.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(b"hello")
                receive_exactly(connection, 5)
        running.stop()
        unknown = running.logged("connid entry not found")
        self.assertEqual(len(unknown), len(SERVER))  # the first packet of each


class Documented(LiveTest):
    """The network of the original documentation's drawing."""

    def readdress(self):
        self.net.client.ip("addr flush dev eth0 scope global", "addr add 192.168.1.100/24 dev eth0",
                           "route add default via 192.168.1.1")
        self.net.router.ip("addr flush dev lan0 scope global", "addr add 192.168.1.1/24 dev lan0",
                           "addr flush dev wan0 scope global", "addr add 10.0.0.38/24 dev wan0",
                           "route add 8.8.8.8 dev wan0")
        self.net.server.ip("addr flush dev eth0 scope global", "addr add 8.8.8.8/32 dev eth0",
                           "route add 10.0.0.0/24 dev eth0")

    def test_the_example_of_the_original_documentation(self):
        self.readdress()
        self.net.masquerade()
        self.serving(Echo(self.net.server, 22))
        running = self.forward("documented_traffic.lua")
        with udp_socket(self.net.client, 4, source_port=8080) as client:
            client.sendto(b"x" * 48, ("8.8.8.8", 22))  # 76 bytes with its headers, as drawn
            self.assertEqual(client.recv(64), b"x" * 48)
            client.sendto(b"now", ("8.8.8.8", 9))
        running.wait_verdicts("drop", 1)
        listed = self.net.router.run("conntrack", "-L").stdout
        self.assertRegex(listed, r"src=192\.168\.1\.100 dst=8\.8\.8\.8 sport=8080 dport=22 "
                                 r"packets=1 bytes=76 src=8\.8\.8\.8 dst=10\.0\.0\.38 sport=22 "
                                 r"dport=8080 packets=1 bytes=76")
        running.stop()
        self.assertEqual(running.logged(), ["p1\t1\t76", "p2\tnil\tconnid entry not found",
                                            "p3\t1\t76", "p4\tnil\tconnid entry not found",
                                            "as documented"])
