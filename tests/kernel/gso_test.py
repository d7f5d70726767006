# SPDX-License-Identifier: GPL-2.0-or-later
"""sk_buffs in pages, and GSO packets, read and replaced by scripts."""
import socket
import threading

from kernel_base import KernelTest
from namespaces import SERVER
from peers import ECHO_PORT, receive_exactly, tcp_connection, udp_socket

MTU = 1500
WORD, REPLACED = b"SECRET", b"secret"
# Longer than any GSO packet; the word's length divides no segment's.
LARGE = (b"...." + WORD) * 40000
NEEDLES = (b"x" * 9000 + b"NEEDLE") * 40
BIG_BYTES, LENGTH_FIELD = 185_000, 65_535
SO_RCVBUFFORCE = 33
UDP_SEGMENT, SEGMENT_BYTES, SEGMENTS = 103, 1000, 20
# Each packet is copied several times, and gone over byte by byte.
PLENTY = {"maxalloc": 16 << 20, "instructions": 50_000_000}


class Gso(KernelTest):
    def send_large(self, address, data, namespace=None):
        with tcp_connection(namespace or self.net.client, address, ECHO_PORT) as connection:
            sender = threading.Thread(target=connection.sendall, args=(data,))
            sender.start()
            answer = receive_exactly(connection, len(data))
            sender.join()
        return answer

    def assert_read_well(self):
        self.assertEqual(self.value("bad"), "0", self.said())
        self.assert_no_errors()

    def test_every_byte_of_large_packets_can_be_read(self):
        self.make("large.lua", **PLENTY)
        self.ask("look")
        for address in SERVER.values():
            self.assertEqual(self.send_large(address, NEEDLES), NEEDLES)
        self.assert_read_well()
        self.assertGreater(int(self.value("largest")), 2 * MTU, "no GSO packet met the script")
        self.assertGreater(int(self.value("words")), 0)

    def test_every_byte_of_output_can_be_read(self):
        """Before it is cut, and its pages are those of the process."""
        self.make("large.lua", **PLENTY)
        self.ask("look", chain="OUTPUT")
        for address in SERVER.values():
            self.assertEqual(self.send_large(address, NEEDLES, self.net.router), NEEDLES)
        self.assert_read_well()
        self.assertGreater(int(self.value("largest")), 2 * MTU, "no GSO packet met the script")

    def test_udp_segments(self):
        self.make("large.lua", **PLENTY)
        self.ask("look")
        for family in SERVER:
            with udp_socket(self.net.client, family) as client:
                client.connect((SERVER[family], ECHO_PORT))
                client.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SEGMENT_BYTES)
                client.send(b"y" * SEGMENT_BYTES * SEGMENTS)
                for _ in range(SEGMENTS):
                    self.assertEqual(client.recv(2 * SEGMENT_BYTES), b"y" * SEGMENT_BYTES)
        self.assert_read_well()
        # What comes back is one datagram a packet.
        self.assertEqual(self.value("bundles.udp"), str(len(SERVER)))
        self.assertEqual(self.value("sizes.udp"), str(SEGMENT_BYTES))

    def test_big_tcp_over_ipv6(self):
        """Its length field is 0; with a jumbo payload option or without, by the kernel's age. Not
        forwarded: with the option, Linux takes its segments for larger than they are."""
        router = self.net.router
        done = router.run("ip", "link", "set", "wan0", "gso_max_size", BIG_BYTES, check=False)
        if done.returncode != 0:
            self.skipTest(f"gso_max_size: {done.stderr.strip()}")
        # However slow this machine is: TCP makes segments that its rate would fill in a millisecond,
        # and that the other end has room for.
        router.sysctl("ipv4/tcp_min_tso_segs", BIG_BYTES // MTU)
        self.echo.listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 * BIG_BYTES)
        self.make("large.lua", **PLENTY)
        self.ask("look", chain="OUTPUT")
        self.assertEqual(self.send_large(SERVER[6], NEEDLES * 8, router), NEEDLES * 8)
        self.assert_read_well()
        self.assertGreater(int(self.value("largest")), LENGTH_FIELD, "no BIG TCP met the script")
        self.assertEqual(self.look("unreadable"), 0)
        self.assertGreater(int(self.value("bundles.tcp")), 0)
        self.assertLess(int(self.value("sizes.tcp")), MTU)

    def assert_replaced(self):
        self.make("replace.lua", **PLENTY)
        self.call("same")
        for address in SERVER.values():
            self.echo.received.clear()
            answer = self.send_large(address, LARGE)
            seen = b"".join(self.echo.received)
            self.assertEqual((len(answer), answer.upper()), (len(LARGE), LARGE.upper()))
            self.assertEqual(seen.upper(), LARGE.upper())
            self.assertGreater(seen.count(REPLACED), seen.count(WORD))
        self.assertEqual((self.look("errors"), self.look("send_failures")), (0, 0), self.said())

    def test_large_writes_are_replaced(self):
        self.assert_replaced()

    def test_large_writes_are_replaced_behind_masquerading(self):
        self.net.masquerade()
        self.assert_replaced()

    def test_the_payload_may_be_a_memory(self):
        self.make("replace.lua", **PLENTY)
        self.call("from_memory")
        for address in SERVER.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(b"hello")
                self.assertEqual(receive_exactly(connection, 5), b"*****")

    def test_a_longer_payload_arrives(self):
        self.make("replace.lua", **PLENTY)
        self.call("longer")
        for address in SERVER.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(WORD)
                self.wait_until("it arrived", lambda: REPLACED + b"s" in self.echo.received)
                self.echo.received.clear()
