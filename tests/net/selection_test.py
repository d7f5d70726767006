# SPDX-License-Identifier: GPL-2.0-or-later
"""Which packets meet the script, and how much of them: filter, devices, family, payload."""
import re

from live import LiveTest, USAGE
from namespaces import SERVER
from peers import ECHO_PORT, GRACE_S, Probe, receive_exactly, tcp_connection, udp_socket

SCRIPT = "verdicts.lua"
# Over the 64 instructions that the kernel's xt_bpf takes.
LONG_FILTER = " or ".join(f"port {port}" for port in (*range(2000, 2200), ECHO_PORT))
# Over these, too, but nft says it in sets.
MANY_PORTS = " or ".join(f"port {port}" for port in (*range(2000, 2070, 2), ECHO_PORT))

# Bytes of a packet, by NFQUEUE.
MOST_SHOWN = 65531


class Selection(LiveTest):
    def dropping(self, *options):
        return self.forward(SCRIPT, "--target", "drop", *options)

    def assert_only_dropped(self, running, names):
        self.assert_all_dropped(running, names)
        rest = [name for name in Probe.NAMES if name not in names]
        self.assert_all_pass(rest)
        running.stop()
        seen = {(event["family"], event["protocol"]) for event in running.events_of("packet")}
        numbers = {"tcp": 6, "udp": 17, "icmp": 1}
        wanted = {(int(name[-1]), 58 if name == "icmp6" else numbers[name[:-1]]) for name in names}
        self.assertEqual(seen, wanted)

    def test_filters(self):
        for expression, names in (
                (f"udp dst port {ECHO_PORT}", ("udp4", "udp6")),
                ("ip6 and tcp", ("tcp6",)),
                ("icmp or icmp6", ("icmp4", "icmp6")),
                (f"src net 10.77.1.0/24 and dst host {SERVER[4]}", ("tcp4", "udp4", "icmp4")),
                (f"ip6 host {SERVER[6]} and not tcp", ("udp6", "icmp6")),
                (MANY_PORTS, ("tcp4", "tcp6", "udp4", "udp6"))):
            with self.subTest(expression):
                self.assert_only_dropped(self.dropping("--filter", expression), names)

    def test_a_filter_that_is_too_long_for_the_kernel(self):
        running = self.dropping("--filter", LONG_FILTER)
        self.assert_only_dropped(running, ("tcp4", "tcp6", "udp4", "udp6"))
        said = [line for line in running.stderr.lines if "64" in line]
        self.assertEqual(len(said), 1, running.stderr.text())

    def test_a_filter_that_the_kernel_takes_in_no_way(self):
        running = self.dropping("--filter", "ip6 protochain 17")
        self.assert_only_dropped(running, ("udp6",))
        self.assertIn("has a loop", running.stderr.text())

    def test_link_layer_terms_are_refused(self):
        for expression in ("ether host 02:00:00:00:00:01", "vlan 7", "ether broadcast"):
            with self.subTest(expression):
                running = self.launch(SCRIPT, "--hook", "forward", "--target", "drop",
                                      "--filter", expression)
                self.assertEqual(running.wait(), USAGE, running.stderr.text())
                self.assertIn("--filter", running.stderr.text())

    def test_a_filter_that_does_not_parse_is_refused(self):
        running = self.launch(SCRIPT, "--hook", "forward", "--target", "drop", "--filter",
                              "frob frob")
        self.assertEqual(running.wait(), USAGE)
        self.assertIn("--filter 'frob frob'", running.stderr.text())

    def test_a_filter_over_a_users_own_rule(self):
        self.net.router.run("iptables-nft", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", "3")
        running = self.nflua(SCRIPT, "--queue", "3", "--target", "drop", "--filter", "udp")
        self.assert_all_dropped(running, ("udp4",))
        self.assert_all_pass(("tcp4", "icmp4"))

    def test_families(self):
        for family, names in (("ip", ("tcp4", "udp4", "icmp4")), ("ip6", ("tcp6", "udp6", "icmp6")),
                              ("inet", Probe.NAMES)):
            with self.subTest(family):
                self.assert_only_dropped(self.dropping("--family", family), names)

    def test_interfaces(self):
        for option, device in (("--in-interface", "lan0"), ("--out-interface", "wan0")):
            with self.subTest(option):
                running = self.forward("describe.lua", option, device)
                self.assert_all_pass()
                running.stop()
                self.assertTrue(running.logged())
                self.assertEqual(running.logged(), running.logged("in=lan0 out=wan0"))

    def test_both_interfaces(self):
        running = self.dropping("--in-interface", "wan0", "--out-interface", "wan0")
        self.assert_all_pass()
        self.assertEqual(running.stop().events_of("packet"), [])

    def test_an_output_device_at_prerouting_is_refused(self):
        for hook, option in (("prerouting", "--out-interface"), ("input", "--out-interface"),
                             ("output", "--in-interface")):
            with self.subTest(hook):
                running = self.launch(SCRIPT, "--hook", hook, option, "lan0", "--target", "drop")
                self.assertEqual(running.wait(), USAGE, running.stderr.text())
                self.assertIn(option, running.stderr.text())

    def test_a_device_that_is_not_there_is_said(self):
        for pattern in ("nosuch0", "nosuch*", "an0"):
            with self.subTest(pattern):
                running = self.forward(SCRIPT, "--in-interface", pattern, "--target", "drop")
                self.assertIn(f"--in-interface {pattern}: this machine has no such device now",
                              running.stderr.text())
                running.stop()
        for pattern in ("lan0", "la*", "l+"):
            with self.subTest(pattern):
                running = self.forward(SCRIPT, "--in-interface", pattern, "--target", "drop")
                self.assertNotIn("no such device", running.stop().stderr.text())

    def test_tcp_payload(self):
        running = self.forward(SCRIPT, "--match", "yes", "--tcp-payload")
        self.assert_all_pass([name for name in Probe.NAMES if not name.startswith("tcp")])
        for address in SERVER.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(b"lost")
                running.wait_verdicts("drop", 1)
                connection.settimeout(GRACE_S)
                self.assertRaises(TimeoutError, receive_exactly, connection, 4)

    def test_the_end_of_a_datagram_that_the_kernel_does_not_show(self):
        """It passes whole all the same, and is counted."""
        running = self.launch("describe.lua", "--hook", "forward", "--filter", "udp")
        running.wait_ready()
        for family, headers, packet in ((4, 28, 65535), (6, 48, 40 + 65535)):
            data = b"x" * (packet - headers - 4) + b"tail"
            with udp_socket(self.net.client, family) as client:
                client.connect((SERVER[family], ECHO_PORT))
                for size in (MOST_SHOWN - headers, len(data)):
                    client.send(data[-size:])
                    self.assertEqual(client.recv(65535), data[-size:])
        running.stop()
        sizes = re.findall(r"protocol=17 .* size=(\d+) ", running.stderr.text())
        self.assertEqual(sizes, 8 * [str(MOST_SHOWN)])
        self.assertEqual(running.table["truncated"], 4)

    def test_snaplen_shows_the_script_the_beginning_only(self):
        running = self.forward("describe.lua", "--snaplen", "64")
        data = b"x" * 1000
        with tcp_connection(self.net.client, SERVER[4], ECHO_PORT) as connection:
            connection.sendall(data)
            self.assertEqual(receive_exactly(connection, len(data)), data)
        running.stop()
        packets = running.events_of("packet")
        self.assertLessEqual(max(event["bytes"] for event in packets), 64)
        self.assertGreater(max(event.get("original_bytes", 0) for event in packets), len(data))
