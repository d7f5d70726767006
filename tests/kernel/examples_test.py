# SPDX-License-Identifier: GPL-2.0-or-later
"""Examples that put streams together, within a kernel state's bounds."""
import contextlib
import os
import socket
import sys

from kernel_base import EXAMPLES, KernelTest
from peers import (DNS_PORT, HTTP_PORT, Echo, NameServer, WebServer, receive_exactly,
                   tcp_connection)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "examples"))
from hellos_test import LISTED, OTHER, late, short  # noqa: E402
from requests_test import LISTED_QUERIES, LISTED_REQUESTS  # noqa: E402

TLS_PORT = 443
# Until a client has sent a lost segment again, twice.
RESENT_S = 1
CONNECTIONS = 60


class Streams(KernelTest):
    def talk(self, family, port, data, size, wanted, timeout_s=None):
        """Sends data in segments of so many bytes; so much of the answer as comes."""
        address = self.net.server_addresses[family]
        with tcp_connection(self.net.client, address, port) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(data), size):
                connection.sendall(data[at:at + size])
            if timeout_s:
                connection.settimeout(timeout_s)
            with contextlib.suppress(TimeoutError):
                return receive_exactly(connection, wanted)
        return b""

    def test_a_hello_for_a_listed_name_is_blocked_in_any_cut(self):
        tls = self.serving(Echo(self.net.server, TLS_PORT))
        self.make(EXAMPLES / "sni_block.lua")
        self.ask("match", "-j", "DROP")
        for family in (4, 6):
            for size in (1400, 100, 9):
                with self.subTest(family=family, size=size):
                    hello, other = late(LISTED), late(OTHER)
                    tls.received.clear()
                    self.talk(family, TLS_PORT, hello, size, len(hello), RESENT_S)
                    self.assertLess(len(b"".join(tls.received)), len(hello))
                    self.assertEqual(self.talk(family, TLS_PORT, other, size, len(other)), other)
        for _ in range(CONNECTIONS):
            other = short(OTHER)
            self.assertEqual(self.talk(6, TLS_PORT, other, 9, len(other)), other)
        self.assert_no_errors()

    def test_a_request_for_a_listed_host_gets_the_page_in_any_cut(self):
        self.serving(WebServer(self.net.server))
        self.make(EXAMPLES / "http_block_page.lua")
        self.call("target")
        request = LISTED_REQUESTS["absolute form"]
        for family in (4, 6):
            for size in (1, 20, 1400):
                with self.subTest(family=family, size=size):
                    status = self.talk(family, HTTP_PORT, request, size, 12)
                    self.assertEqual(status, b"HTTP/1.1 403")
                    status = self.talk(family, HTTP_PORT, request.replace(b"blocked", b"allowed"),
                                       size, 12)
                    self.assertEqual(status, b"HTTP/1.0 200")
        self.assert_no_errors()

    def test_a_query_over_tcp_is_answered_in_any_cut(self):
        self.serving(NameServer(self.net.server))
        self.make(EXAMPLES / "dns_sinkhole.lua")
        self.call("target")
        query = LISTED_QUERIES["A"]
        for family in (4, 6):
            for size in (1, 2, 1400):
                with self.subTest(family=family, size=size):
                    answer = self.talk(family, DNS_PORT, query, size, len(query) + 16)
                    self.assertEqual(answer[-4:], bytes([192, 0, 2, 1]))
        self.assert_no_errors()
