# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of which the kernel makes copies while their connection is new: what a bridge floods, what a
multicast router sends on, what comes back to this host. A script may keep each of them.

    client                        router                         server
    eth0 10.77.1.2   ──────  lan0 ┐
                                  ├ br0 10.77.1.1
                             wan0 ┘              ──────   eth0 10.77.1.3
                             far0 ┘              ──────   eth0 10.77.1.4    third"""
import socket
import struct

from kernel_base import KernelTest
from namespaces import (CLIENT, FAMILIES, ROUTER_WAN, Bridged, Namespace, connect, end_device)
from peers import udp_socket

SCRIPT = "copies.lua"
THIRD = {4: "10.77.1.4", 6: "fd77:1::4"}
BROADCAST = "10.77.1.255"
GROUPS = {4: "239.7.7.7", 6: "ff05::7:7"}
# Not of br0, which is then no receiver of them.
NOBODY = {4: "10.77.1.99", 6: "fd77:1::99"}
NOBODYS_MAC = "02:00:00:00:00:63"
PORT = 6700
NEW = ("-p", "udp", "--dport", str(PORT), "-m", "conntrack", "--ctstate", "NEW")
KEEPING = ("stop", "delay", "again")
# Of <linux/mroute.h>.
MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC = 200, 202, 204
VIFF_USE_IFINDEX = 8


class Switch(Bridged):
    """Two copies of a broadcast leave, and the original goes up to the bridge's own address."""

    def __init__(self):
        super().__init__()
        self.third = Namespace()
        connect(self.router, "far0", self.third, "eth0")
        self.router.ip("link set far0 master br0", "link set far0 up")
        end_device(self.third, THIRD)

    def close(self):
        self.third.close()
        super().close()


class CopiesTest(KernelTest):
    def keeping(self, function, chain="FORWARD", table="filter"):
        self.rules.flush(table=table)
        self.call(function, *NEW, chain=chain, table=table)

    def listen(self, namespace, family, group=None):
        """A socket at the port that all is sent to, of one family alone."""
        listener = namespace.socket(FAMILIES[family], socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        if family == 6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(("", PORT))
        if group:
            self.join(listener, family, group, self.index_in(namespace))
        return listener

    @staticmethod
    def join(listener, family, group, index):
        address = socket.inet_pton(FAMILIES[family], group)
        if family == 4:
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                struct.pack("4s4si", address, bytes(4), index))
        else:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                                address + struct.pack("i", index))

    def index_in(self, namespace):
        name = {self.net.router: self.outward}.get(namespace, "eth0")
        with namespace.entered():
            return socket.if_nametoindex(name)

    outward = "br0"

    def sender(self, namespace, family):
        """Of a port of its own: it begins a connection."""
        sender = udp_socket(namespace, family)
        self.addCleanup(sender.close)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        index = self.index_in(namespace)
        if family == 4:
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                              struct.pack("4s4si", bytes(4), bytes(4), index))
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
        else:
            sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
            sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 4)
        return sender

    def assert_arrives(self, word, listeners):
        for listener in listeners:
            self.assertEqual(listener.recv(64), word)

    def assert_no_complaints(self):
        self.assertEqual(self.log.complaints(), [])


class Flooded(CopiesTest):
    network = Switch

    def setUp(self):
        super().setUp()
        self.make(SCRIPT)
        self.hosts = [self.net.server, self.net.third, self.net.router]

    def assert_broadcasts_arrive(self):
        listeners = [self.listen(host, 4) for host in self.hosts]
        for function in KEEPING:
            with self.subTest(function):
                self.keeping(function)
                before = self.calls()
                self.sender(self.net.client, 4).sendto(function.encode(), (BROADCAST, PORT))
                self.assert_arrives(function.encode(), listeners)
                self.assertGreaterEqual(self.calls() - before, 2)
        self.assert_no_errors()
        self.assert_no_complaints()

    def test_each_copy_of_a_broadcast_arrives(self):
        self.assert_broadcasts_arrive()

    def test_the_same_where_there_is_nat(self):
        self.net.router.nft("""table ip test_nat {
            chain outward {
                type nat hook postrouting priority srcnat
                oifname nothing0 masquerade
            }
        }""")
        self.assert_broadcasts_arrive()

    def test_a_broadcast_is_held_while_the_next_come(self):
        self.keeping("keep")
        listeners = [self.listen(host, 4) for host in self.hosts]
        sender = self.sender(self.net.client, 4)
        for word in (b"1", b"2", b"3"):
            sender.sendto(word, (BROADCAST, PORT))
            self.assertEqual(listeners[2].recv(64), word)  # the original is not in FORWARD
        self.wait_until("all are held", lambda: self.look("packets_held") >= 2)
        sent = int(self.value("send_kept()"))
        self.assertGreaterEqual(sent, 2)
        for listener in listeners[:2]:
            self.assertEqual(listener.recv(64), b"1")
        self.assert_no_complaints()

    def test_copies_that_are_closed_leave_the_original_alone(self):
        self.keeping("keep")
        listener = self.listen(self.net.router, 4)
        self.sender(self.net.client, 4).sendto(b"1", (BROADCAST, PORT))
        self.assertEqual(listener.recv(64), b"1")
        self.client.do(self.client.reload(self.state, "function keep() return 'accept' end"))
        self.assert_no_complaints()

    def test_copies_of_a_multicast_arrive(self):
        """Which the bridge itself did not join: the last copy is the original."""
        for family, group in GROUPS.items():
            listeners = [self.listen(host, family, group) for host in self.hosts[:2]]
            for function in KEEPING:
                with self.subTest(f"{function} {family}"):
                    self.keeping(function)
                    self.sender(self.net.client, family).sendto(function.encode(), (group, PORT))
                    self.assert_arrives(function.encode(), listeners)
        self.assert_no_errors()
        self.assert_no_complaints()

    def test_copies_for_an_unknown_station_arrive(self):
        """Nothing has come from it yet, so that all ports get it. It takes any station's frames."""
        self.net.third.ip("link set eth0 promisc on", *(
            f"addr add {NOBODY[family]}/{bits} dev eth0" for family, bits in ((4, 32), (6, 128))))
        for family, address in NOBODY.items():
            self.net.client.ip(f"neigh replace {address} lladdr {NOBODYS_MAC} dev eth0")
            for function in KEEPING:
                with self.subTest(f"{function} {family}"):
                    self.keeping(function)
                    before = self.calls()
                    self.sender(self.net.client, family).sendto(b"x", (address, PORT))
                    self.wait_until("both copies were met", lambda: self.calls() - before >= 2)
        self.wait_until("none is held", lambda: self.look("packets_held") == 0)
        self.assert_no_errors()
        self.assert_no_complaints()

    def test_copies_are_queued_by_a_script(self):
        """To a queue that nobody serves: the kernel drops them, and the original arrives."""
        listener = self.listen(self.net.router, 4)
        self.keeping("queue")
        self.sender(self.net.client, 4).sendto(b"queued", (BROADCAST, PORT))
        self.assertEqual(listener.recv(64), b"queued")
        self.assert_no_complaints()

    def test_copies_that_a_script_queues_arrive(self):
        running = self.nflua("verdicts.lua", "--queue", "6", "--target", "accept")
        listeners = [self.listen(host, 4) for host in self.hosts]
        self.keeping("queue")
        self.sender(self.net.client, 4).sendto(b"queued", (BROADCAST, PORT))
        self.assert_arrives(b"queued", listeners)
        self.assertEqual(running.stop().verdicts()["accept"], 2)
        self.assert_no_complaints()

    def test_a_reply_to_a_broadcast_leaves_the_original_its_connection(self):
        """At each hook that a copy, or the original before it is copied, comes to."""
        listener = self.listen(self.net.router, 4)
        for chain, function in (("PREROUTING", "answer"), ("FORWARD", "answer"),
                                ("FORWARD", "answer_and_delay"), ("PREROUTING", "answer_and_delay")):
            with self.subTest(f"{chain} {function}"):
                self.keeping(function, chain, "mangle")
                self.sender(self.net.client, 4).sendto(b"asked", (BROADCAST, PORT))
                self.assertEqual(listener.recv(64), b"asked")
        self.assert_no_errors()
        self.assert_no_complaints()


class LoopedBack(CopiesTest):
    """This host's own multicast: a copy comes back to it, and both pass POSTROUTING."""

    outward = "lan0"

    def assert_both_arrive(self):
        for family, group in GROUPS.items():
            listeners = [self.listen(host, family, group) for host in (self.net.client, self.net.router)]
            for function in self.functions:
                with self.subTest(f"{function} {family}"):
                    self.keeping(function, "POSTROUTING", "mangle")
                    self.sender(self.net.router, family).sendto(function.encode(), (group, PORT))
                    self.assert_arrives(function.encode(), listeners)
        self.assert_no_errors()
        self.assert_no_complaints()

    functions = KEEPING

    def setUp(self):
        super().setUp()
        self.make(SCRIPT)

    def test_both_arrive(self):
        self.assert_both_arrive()

    def test_both_arrive_where_there_is_nat(self):
        """As they skip it, it can't be done with them."""
        self.net.masquerade()
        self.functions = ("stop", "delay")
        self.assert_both_arrive()


class Routed(CopiesTest):
    """From lan0, the router sends a group's packets to wan0 and to a dummy."""

    outward = "wan0"

    def setUp(self):
        super().setUp()
        self.make(SCRIPT)
        self.net.router.ip("link add idle0 type dummy", "addr add 10.77.9.1/24 dev idle0",
                           "link set idle0 up")
        self.daemon = self.net.router.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
        self.addCleanup(self.daemon.close)
        self.daemon.setsockopt(socket.IPPROTO_IP, MRT_INIT, 1)
        for vif, name in enumerate(("lan0", "wan0", "idle0")):
            with self.net.router.entered():
                index = socket.if_nametoindex(name)
            self.daemon.setsockopt(socket.IPPROTO_IP, MRT_ADD_VIF, struct.pack(
                "HBBIi4s", vif, VIFF_USE_IFINDEX, 1, 0, index, bytes(4)))
        ttls = bytes([0, 1, 1]).ljust(32, b"\0")
        self.daemon.setsockopt(socket.IPPROTO_IP, MRT_ADD_MFC, struct.pack(
            "4s4sH32s2xIIIi", socket.inet_aton(CLIENT[4]), socket.inet_aton(GROUPS[4]), 0, ttls,
            0, 0, 0, 0))
        self.listener = self.listen(self.net.server, 4, GROUPS[4])

    def send(self, word):
        self.sender(self.net.client, 4).sendto(word, (GROUPS[4], PORT))

    def test_both_copies_leave(self):
        self.counting(f"udp dport {PORT}", hook="postrouting")
        for count, function in enumerate(KEEPING, 1):
            with self.subTest(function):
                self.keeping(function)
                self.send(function.encode())
                self.assertEqual(self.listener.recv(64), function.encode())
                self.wait_until("both left", lambda: self.counted() >= 2 * count)
        self.assert_no_errors()
        self.assert_no_complaints()

    def test_none_leaves_with_an_address_that_nat_would_have_changed(self):
        """A copy that can't be kept is dropped, said and counted; the last has the connection alone."""
        self.net.masquerade()
        for function in KEEPING:
            with self.subTest(function):
                before = self.look("errors")
                self.keeping(function)
                self.send(function.encode())
                word, (source, _) = self.listener.recvfrom(64)
                self.assertEqual((word, source), (function.encode(), ROUTER_WAN[4]))
                self.assertGreater(self.look("errors"), before)
                self.assertEqual(len(self.said(f"{function}: one of several copies")), 1)
        self.assert_no_complaints()


class Replied(CopiesTest):
    """A reply has the connection of what it answers, which is new here and goes on later."""

    def assert_held_is_masqueraded(self, function):
        self.make(SCRIPT)
        self.net.masquerade()
        self.call(function, *NEW)
        listener = self.listen(self.net.server, 4)
        sender = self.sender(self.net.client, 4)
        sender.sendto(b"ask", (self.net.server_addresses[4], PORT))
        self.assertEqual(sender.recv(64), b"answer")
        word, (source, _) = listener.recvfrom(64)
        self.assertEqual((word, source), (b"ask", ROUTER_WAN[4]))
        self.assert_no_errors()

    def test_what_is_answered_and_held_is_masqueraded_as_if_it_were_not_answered(self):
        self.assert_held_is_masqueraded("answer_and_delay")

    def test_what_is_held_and_then_answered_is_masqueraded(self):
        self.assert_held_is_masqueraded("delay_and_answer")
