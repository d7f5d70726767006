# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel would lose in a queue, our own rule leaves out: it passes, and is counted."""
import contextlib
import socket
import struct
import time
import unittest

from live import LiveTest
from namespaces import Bridged, FAMILIES, ROUTER_LAN, ROUTER_WAN, TIMEOUT_S, router_device
from peers import GRACE_S

PORT = 7001
BROADCAST = "10.77.1.255"
GROUPS = {4: "239.77.0.1", 6: "ff15::77:1"}
ROW = "left out, for many"
ANY = {4: "0.0.0.0", 6: "::"}


class LeftOutTest(LiveTest):
    def live(self, *options):
        return self.launch("verdicts.lua", *options).wait_ready()

    def bound(self, namespace, family):
        made = namespace.socket(FAMILIES[family], socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((ANY[family], PORT))
        return made

    def member(self, namespace, family, device):
        """A socket that hears of the group at that device, and what it sends goes out there."""
        made = self.bound(namespace, family)
        self.wait_for_way(namespace, device)
        with namespace.entered():
            index = socket.if_nametoindex(device)
        group = socket.inet_pton(FAMILIES[family], GROUPS[family])
        if family == 4:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            struct.pack("@4s4si", group, bytes(4), index))
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                            struct.pack("@4s4si", bytes(4), bytes(4), index))
        else:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                            struct.pack("@16si", group, index))
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        return made

    def wait_for_way(self, namespace, device):
        """The kernel finds the way for IPv6's multicast a while after the device is up."""
        deadline = time.monotonic() + TIMEOUT_S
        way = f"multicast ff00::/8 dev {device} "
        while way not in namespace.run("ip", "-6", "route", "show", "table", "local").stdout:
            self.assertLess(time.monotonic(), deadline, way)
            time.sleep(0.05)

    def assert_heard(self, sender, to, *hearers, times=3):
        for number in range(times):
            word = b"%d" % number
            sender.sendto(word, to)
            for hearer in hearers:
                self.assertEqual(hearer.recv(16), word)

    def assert_not_heard(self, sender, to, hearer):
        sender.sendto(b"not heard", to)
        hearer.settimeout(GRACE_S)
        with self.assertRaises(TimeoutError):
            hearer.recv(16)
        hearer.settimeout(TIMEOUT_S)


class OnABridge(LeftOutTest):
    network = Bridged

    def assert_first_passes_and_others_are_judged(self, sender, to, hearer):
        running = self.live("--hook", "forward", "--target", "accept")
        self.assert_heard(sender, to, hearer)
        running.stop()
        self.assertGreaterEqual(running.table[ROW], 1)
        self.assertGreaterEqual(running.table["accept"], 2)
        self.assertEqual(running.table["never shown"], 0)
        self.assertIn("bridge br0 shows its packets to nft", running.stderr.text())
        # The connection is known by now.
        running = self.live("--hook", "forward", "--target", "drop")
        self.assert_not_heard(sender, to, hearer)
        running.stop()
        self.assertGreaterEqual(running.table["drop"], 1)

    def test_a_broadcast(self):
        hearer = self.bound(self.net.server, 4)
        sender = self.bound(self.net.client, 4)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.assert_first_passes_and_others_are_judged(sender, (BROADCAST, PORT), hearer)

    def test_a_multicast(self):
        for family, group in GROUPS.items():
            with self.subTest(group):
                hearer = self.member(self.net.server, family, "eth0")
                sender = self.member(self.net.client, family, "eth0")
                sender.setsockopt(*((socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP) if family == 4
                                    else (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP)), 0)
                self.assert_first_passes_and_others_are_judged(sender, (group, PORT), hearer)

    def test_what_a_bridge_shows_at_postrouting(self):
        hearer = self.bound(self.net.server, 4)
        sender = self.bound(self.net.client, 4)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        running = self.live("--hook", "postrouting", "--target", "accept")
        self.assert_heard(sender, (BROADCAST, PORT), hearer)
        running.stop()
        self.assertEqual(running.table["never shown"], 0)

    def test_unicast_that_begins_a_connection_is_judged(self):
        running = self.live("--hook", "forward", "--target", "drop")
        self.assert_not_heard(self.bound(self.net.client, 4), ("10.77.1.3", PORT),
                              self.bound(self.net.server, 4))
        running.stop()
        self.assertGreaterEqual(running.table["drop"], 1)
        self.assertEqual(running.table["never shown"], 0)

    def test_what_the_kernel_loses_is_counted(self):
        """Copies of unicast look like any other unicast: of those all but the last are lost."""
        self.net.router.ip("link set br0 promisc on")  # as tcpdump does
        running = self.live("--hook", "forward", "--target", "accept")
        self.assert_not_heard(self.bound(self.net.client, 4), ("10.77.1.3", PORT),
                              self.bound(self.net.server, 4))
        running.stop()
        self.assertGreaterEqual(running.table["never shown"], 1)

    def test_with_a_rule_of_a_users_it_is_said(self):
        running = self.live("--queue", "5", "--target", "accept")
        running.stop()
        self.assertIn("leave those out of your rule", running.stderr.text())


class OwnMulticast(LeftOutTest):
    def test_its_copy_loops_back(self):
        for family, group in GROUPS.items():
            for hook in ("postrouting", "output"):
                with self.subTest(f"{group} {hook}"):
                    own = self.member(self.net.router, family, "wan0")
                    other = self.member(self.net.server, family, "eth0")
                    running = self.live("--hook", hook, "--target", "accept")
                    self.assert_heard(own, (group, PORT), own, other)
                    running.stop()
                    self.assertGreaterEqual(running.table["accept"], 3)
                    own.close()
                    other.close()

    def test_its_broadcast_loops_back(self):
        own, other = self.bound(self.net.router, 4), self.bound(self.net.server, 4)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        running = self.live("--hook", "postrouting", "--target", "accept")
        self.assert_heard(own, ("10.77.2.255", PORT), own, other)
        running.stop()
        self.assertGreaterEqual(running.table["accept"], 3)
        self.assertNotIn("bridge", running.stderr.text())


class Vrf(LeftOutTest):
    def setUp(self):
        super().setUp()
        router = self.net.router
        if router.run("ip", "link", "add", "vrf1", "type", "vrf", "table", "100",
                      check=False).returncode != 0:
            self.skipTest("this kernel has no VRFs (CONFIG_NET_VRF)")
        router.ip("link set vrf1 up", "link set lan0 master vrf1", "link set wan0 master vrf1")
        for device, addresses in (("lan0", ROUTER_LAN), ("wan0", ROUTER_WAN)):
            with contextlib.suppress(AssertionError):  # IPv4's address is still there
                router_device(router, device, {4: addresses[4], 6: addresses[6]})
            router.run("ip", "addr", "replace", addresses[6] + "/64", "dev", device, "nodad")
        self.wait_for_links()

    def test_prerouting_judges_what_comes_by_a_vrf_once(self):
        running = self.live("--hook", "prerouting", "--target", "accept")
        self.assert_all_pass()
        running.stop()
        self.assertGreater(running.table["left out, VRF"], 0)
        self.assertGreater(running.table["accept"], 0)
        self.assertEqual(running.table["never shown"], 0)
        running = self.forward("verdicts.lua", "--target", "drop")
        self.assert_all_dropped(running)

    def test_a_vrf_as_input_device_is_said_to_be_in_vain(self):
        running = self.live("--hook", "prerouting", "--in-interface", "vrf1", "--target", "drop")
        self.assert_all_pass()
        running.stop()
        self.assertIn("vrf1 is a VRF", running.stderr.text())


class Flowtables(LeftOutTest):
    def test_one_is_said(self):
        router = self.net.router
        try:
            router.nft("""table inet fast { flowtable ft {
                hook ingress priority 0; devices = { lan0, wan0 }
            }
            }""")
        except AssertionError as failure:
            raise unittest.SkipTest(f"this kernel has no flowtables: {failure}") from failure
        running = self.live("--hook", "forward", "--target", "accept")
        running.stop()
        self.assertIn("flowtable ft of table fast takes connections past", running.stderr.text())
        running = self.live("--hook", "input", "--target", "accept")
        running.stop()
        self.assertNotIn("flowtable", running.stderr.text())
