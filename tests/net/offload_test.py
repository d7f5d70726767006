# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that are several: UDP_SEGMENT, and BIG TCP, whose length fields are 0 (docs/offload.md)."""
import os
import re
import socket
import struct
import threading

from live import LiveTest
from namespaces import ROUTER_LAN
from peers import ECHO_PORT, Echo, receive_exactly, tcp_connection, udp_socket

SOL_UDP, UDP_SEGMENT = 17, 103
DATAGRAM_BYTES, DATAGRAMS = 100, 3
SHOWN_BYTES = 65_531  # of a packet, by NFQUEUE
BIG_BYTES = 185_000  # of a BIG TCP segment
STREAM_BYTES = 4 << 20
LINE = re.compile(r"bundle ipv(\d) protocol=(\d+) port=(\d+) bytes=(\d+) payload=(\d+)\+(\d+) "
                  r"segment=(\S+) (.*)")


# linux/rtnetlink.h, linux/if_link.h. The latter is unknown to Debian 12's `ip`.
RTM_NEWLINK, RTM_GETLINK = 16, 18
NLM_F_REQUEST, NLM_F_ACK = 1, 4
IFLA_GSO_MAX_SIZE = {6: 41, 4: 63}
HEADERS_BYTES = 16 + 16  # nlmsghdr and ifinfomsg


def ask_route(namespace, device, kind, flags, attributes=b""):
    """The kernel's answer to a message about a device."""
    with namespace.entered(), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        body = struct.pack("BxHiII", 0, 0, socket.if_nametoindex(device), 0, 0) + attributes
        route.send(struct.pack("IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        return route.recv(1 << 16)


def why_no_gso_bound(namespace, device, family, size):
    """Sets it. A kernel that does not know it (IPv4's is new in 6.3) says nothing and shows none."""
    kind = IFLA_GSO_MAX_SIZE[family]
    answer = ask_route(namespace, device, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK,
                       struct.pack("HHI", 8, kind, size))
    failure = -struct.unpack_from("i", answer, 16)[0]
    if failure:
        return os.strerror(failure)
    shown = ask_route(namespace, device, RTM_GETLINK, NLM_F_REQUEST)
    place = HEADERS_BYTES
    while place < len(shown):
        length, found = struct.unpack_from("HH", shown, place)
        if found == kind:
            return None
        place += (length + 3) & ~3
    return "unknown to it"


def bundles(lines):
    """What the script said, as tuples: family, protocol, port, bytes, position, length of the
    payload, size of a segment, why there is none."""
    found = [LINE.search(line) for line in lines]
    return [(*map(int, line.groups()[:6]), *line.groups()[6:]) for line in found if line]


class Offload(LiveTest):
    def test_datagrams_of_one_call_are_one_packet_whose_parts_have_no_known_size(self):
        running = self.forward("bundles.lua")
        for family, address in self.net.server_addresses.items():
            with self.subTest(family), udp_socket(self.net.client, family) as client:
                client.setsockopt(SOL_UDP, UDP_SEGMENT, DATAGRAM_BYTES)
                client.sendto(bytes(DATAGRAM_BYTES * DATAGRAMS), (address, ECHO_PORT))
                for _ in range(DATAGRAMS):
                    self.assertEqual(len(client.recv(1000)), DATAGRAM_BYTES)
        running.stop()
        sent = [bundle for bundle in bundles(running.logged()) if bundle[1:3] == (17, ECHO_PORT)]
        self.assertEqual([bundle[5] for bundle in sent], [DATAGRAM_BYTES * DATAGRAMS] * 2)
        self.assertEqual({bundle[6] for bundle in sent}, {"nil"})
        self.assertTrue(all("unknown" in bundle[7] for bundle in sent), sent)
        back = [bundle for bundle in bundles(running.logged()) if bundle[1:3] != (17, ECHO_PORT)]
        self.assertEqual({bundle[6:] for bundle in back}, {("nil", "nil")}, "each is one")

    def send_stream(self, address):
        """From the client to the router, which echoes: as fast as both go."""
        with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
            writer = threading.Thread(target=connection.sendall, args=(bytes(STREAM_BYTES),))
            writer.start()
            receive_exactly(connection, STREAM_BYTES)
            writer.join()

    def test_big_tcp_is_read_like_any_packet(self):
        self.serving(Echo(self.net.router))
        # TCP makes bundles of a millisecond's bytes, and larger ones where a round trip takes less
        # than 2^this µs: an emulated machine is slow at both.
        self.net.client.sysctl("ipv4/tcp_tso_rtt_log", 20)
        for family, address in ROUTER_LAN.items():
            with self.subTest(family):
                why_not = why_no_gso_bound(self.net.client, "eth0", family, BIG_BYTES)
                if why_not:
                    self.skipTest(f"this kernel has no BIG TCP for IPv{family}: {why_not}")
                running = self.launch("bundles.lua", "--hook", "output",
                                      namespace=self.net.client).wait_ready()
                self.send_stream(address)
                running.stop()
                big = [bundle for bundle in bundles(running.stderr.lines)
                       if bundle[3] == SHOWN_BYTES]
                self.assertTrue(big, "no packet was larger than a length field can say")
                for bundle in big:
                    self.assertEqual(bundle[:3], (family, 6, ECHO_PORT))
                    self.assertEqual(bundle[4] - 1 + bundle[5], SHOWN_BYTES)
                self.assertGreaterEqual(running.table["truncated"], len(big))
                self.assertEqual((running.table["errors"], running.table["unreadable headers"]),
                                 (0, 0))
