# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples at work between real programs: curl, dig, openssl."""
import socket

from live import EXAMPLES, LiveTest
from namespaces import TIMEOUT_S
from peers import HTTP_PORT, NameServer, WebPage, WebServer, tcp_connection, wait_listening

BLOCKED, OPEN = "blocked.example", "open.example"
TLS_PORT = 443
BLOCK_PAGE = "This site is blocked here"
CURL_TIMED_OUT = 28


class ExampleTest(LiveTest):
    def example(self, name, *arguments):
        return self.forward(EXAMPLES / name, *arguments)

    def curl(self, host, family, *options, scheme="http", port=HTTP_PORT, check=True):
        address = self.net.server_addresses[family]
        resolve = f"{host}:{port}:" + (f"[{address}]" if family == 6 else address)
        return self.net.client.run("curl", "-sSk", "--max-time", TIMEOUT_S, "--resolve", resolve,
                                   *options, f"{scheme}://{host}/", check=check)


class BlockPage(ExampleTest):
    def setUp(self):
        super().setUp()
        self.serving(WebServer(self.net.server))

    def test_curl_reads_the_page_of_the_script(self):
        running = self.example("http_block_page.lua")
        for family in (4, 6):
            with self.subTest(family=family):
                page = self.curl(BLOCKED, family, "-w", "%{http_code}").stdout
                self.assertIn(BLOCK_PAGE, page)
                self.assertTrue(page.endswith("403"), page)
                self.assertEqual(self.curl(OPEN, family).stdout, WebPage.PAGE.decode())
        running.stop()
        self.assertEqual(running.verdicts()["drop"], 2)
        self.assertEqual(len(running.events_of("reply")), 2)

    def test_curl_reads_the_page_behind_masquerading(self):
        self.net.masquerade()
        self.example("http_block_page.lua")
        for family in (4, 6):
            with self.subTest(family=family):
                self.assertIn(BLOCK_PAGE, self.curl(BLOCKED, family).stdout)
                self.assertEqual(self.curl(OPEN, family).stdout, WebPage.PAGE.decode())

    def ask_in_bytes(self, request, family):
        """The first line of the answer to a request that is sent in segments of a byte."""
        with tcp_connection(self.net.client, self.net.server_addresses[family], HTTP_PORT) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in request:
                client.sendall(bytes([byte]))
            return client.recv(100).split(b"\r\n")[0]

    def test_a_request_in_single_bytes_or_in_an_odd_form_is_blocked(self):
        self.example("http_block_page.lua")
        for family in (4, 6):
            for head in ("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "GET / HTTP/1.0\nhOST:{}:80\n\n",
                         "GET http://{}/ HTTP/1.1\r\nHost: x\r\n\r\n"):
                with self.subTest(family=family, head=head):
                    answer = self.ask_in_bytes(head.format(BLOCKED).encode(), family)
                    self.assertEqual(answer, b"HTTP/1.1 403 Forbidden")
                    answer = self.ask_in_bytes(head.format(OPEN).encode(), family)
                    self.assertEqual(answer, b"HTTP/1.0 200 OK")

    def test_a_request_on_a_connection_that_was_fine_is_blocked(self):
        self.example("http_block_page.lua")
        address = self.net.server_addresses[4]
        pages = self.net.client.run(
            "curl", "-sS", "--max-time", TIMEOUT_S, f"http://{address}/", "--next", "-sS",
            "-H", f"Host: {BLOCKED}", f"http://{address}/").stdout
        self.assertTrue(pages.startswith(WebPage.PAGE.decode()), pages)
        self.assertIn(BLOCK_PAGE, pages)


class Sinkhole(ExampleTest):
    def setUp(self):
        super().setUp()
        self.serving(NameServer(self.net.server))

    def dig(self, name, kind, family, *options):
        return self.net.client.run("dig", *options, "+short", "+tries=1", f"+timeout={TIMEOUT_S}", name, kind,
                                   f"@{self.net.server_addresses[family]}").stdout.strip()

    def test_dig_is_answered_by_the_script(self):
        running = self.example("dns_sinkhole.lua")
        for family in (4, 6):
            with self.subTest(family=family):
                self.assertEqual(self.dig(BLOCKED, "A", family), "192.0.2.1")
                self.assertEqual(self.dig("www." + BLOCKED, "AAAA", family), "2001:db8:1::1")
                self.assertEqual(self.dig(OPEN, "A", family), "198.51.100.7")
                self.assertEqual(self.dig(OPEN, "AAAA", family), "2001:db8:7::7")
        running.stop()
        self.assertEqual(running.verdicts()["drop"], 4)

    def test_dig_is_answered_by_the_script_over_tcp_too(self):
        running = self.example("dns_sinkhole.lua")
        for family in (4, 6):
            with self.subTest(family=family):
                self.assertEqual(self.dig("www." + BLOCKED, "A", family, "+tcp"), "192.0.2.1")
                self.assertEqual(self.dig(OPEN, "A", family, "+tcp"), "198.51.100.7")
        running.stop()
        self.assertEqual(len(running.events_of("reply")), 2)


class ServerNames(ExampleTest):
    def setUp(self):
        super().setUp()
        pem = self.folder / "server.pem"
        self.net.server.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=test",
                            "-keyout", pem, "-out", pem, "-days", "30")
        # -www: the page tells of the session.
        self.start(self.net.server, "openssl", "s_server", "-cert", pem, "-key", pem,
                   "-accept", TLS_PORT, "-www")
        wait_listening(self.net.server, TLS_PORT)

    def test_curl_reaches_only_names_that_are_not_listed(self):
        running = self.example("sni_block.lua")
        for family in (4, 6):
            with self.subTest(family=family):
                page = self.curl(OPEN, family, scheme="https", port=TLS_PORT)
                self.assertIn("Cipher", page.stdout)
        for family in (4, 6):  # the last ones: this server serves one client at a time
            with self.subTest(family=family):
                blocked = self.curl(BLOCKED, family, "--max-time", 2, scheme="https",
                                    port=TLS_PORT, check=False)
                self.assertEqual(blocked.returncode, CURL_TIMED_OUT)
        running.stop()
        self.assertGreaterEqual(running.verdicts()["drop"], 2)
