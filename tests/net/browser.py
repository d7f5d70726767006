# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/sni_block.lua between a web browser, or other TLS clients, and a server: what is served?
Not among all live tests, as a browser is large: `make check-browser`.

A page has the browser fetch 80 listed hosts and a few others, and then say that it is through."""
import contextlib
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

from live import EXAMPLES, LiveTest
from namespaces import SERVER
from peers import bound, tcp_connection

TLS_PORT = 443
LISTED = [f"h{number:02}.blocked.example" for number in range(1, 81)]
OTHERS = [f"o{number}.open.example" for number in range(1, 6)]
START = "start.open.example"
# TCP sends a lost segment again after 0.2, 0.6, 1.4, 3, 6.2 s: all of these come to the filter.
GIVE_UP_MS = 8000
# A browser starts and gives up within seconds; a busy machine is slower.
PAGE_TIMEOUT_S = 180
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", "--ignore-certificate-errors"]
OFFLOADS = ("tx", "tso", "gso", "gro")

PAGE = """<!doctype html><title>Visits</title><script>
const visit = host => fetch(`https://${{host}}/`,
    {{mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout({give_up})}});
Promise.allSettled({hosts}.map(visit)).then(() => fetch('/through', {{cache: 'no-store'}}));
</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        host = (self.headers["Host"] or "").split(":")[0]
        self.server.served.append((host, self.path))
        body = self.server.page if host == START and self.path == "/" else b"served\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/through":
            self.server.is_through.set()

    def log_message(self, *_):
        pass


class TlsServer(http.server.ThreadingHTTPServer):
    """Serves every host. `served`: (host, path) of each request."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, namespace, pem):
        super().__init__(("::", TLS_PORT), Handler, False)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(pem)
        self.served, self.page, self.is_through = [], b"", threading.Event()
        self.socket.close()
        self.socket = bound(namespace, socket.SOCK_STREAM, TLS_PORT)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def finish_request(self, request, client_address):
        """In the connection's own thread: a client that says nothing holds up nobody."""
        with contextlib.suppress(OSError):
            request.settimeout(PAGE_TIMEOUT_S)
            super().finish_request(self.context.wrap_socket(request, server_side=True),
                                   client_address)

    def handle_error(self, request, client_address):
        pass  # a client that went away

    def stop(self):
        self.shutdown()
        self.server_close()
        self.thread.join()

    def hosts(self):
        return {host for host, _ in self.served}


def counts(server):
    return (f"{len(server.hosts() & set(LISTED))} of {len(LISTED)} listed hosts served, "
            f"{len(server.hosts() & set(OTHERS))} of {len(OTHERS)} others")


class TlsTest(LiveTest):
    def setUp(self):
        super().setUp()
        pem = self.folder / "server.pem"
        self.net.server.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=test", "-addext",
                            "subjectAltName=DNS:*.blocked.example,DNS:*.open.example",
                            "-keyout", pem, "-out", pem, "-days", "30")
        self.pem = pem
        self.server = self.serving(TlsServer(self.net.server, pem))

    def offload(self, is_on):
        for namespace, devices in ((self.net.client, ["eth0"]), (self.net.server, ["eth0"]),
                                   (self.net.router, ["lan0", "wan0"])):
            for device in devices:
                words = [word for name in OFFLOADS for word in (name, "on" if is_on else "off")]
                namespace.run("ethtool", "-K", device, *words)


@unittest.skipUnless(shutil.which("chromium"), "no chromium here; `make check-browser` installs it")
class Chromium(TlsTest):
    def browse(self):
        """The page, visited by a new browser, which has all hosts resolved to the server: half of
        them by IPv4, half by IPv6."""
        self.server.served.clear()
        self.server.is_through.clear()
        hosts = LISTED + OTHERS
        self.server.page = PAGE.format(hosts=json.dumps(hosts), give_up=GIVE_UP_MS).encode()
        rules = [f"MAP {host} " + (SERVER[4] if index % 2 else f"[{SERVER[6]}]")
                 for index, host in enumerate(hosts)] + [f"MAP * {SERVER[4]}"]
        profile = self.folder / f"profile-{time.monotonic_ns()}"
        with self.net.client.entered():
            browser = subprocess.Popen(
                [*CHROMIUM, f"--user-data-dir={profile}", f"--host-resolver-rules={', '.join(rules)}",
                 f"https://{START}/"],
                env={**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(profile)},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)
        try:
            self.assertTrue(self.server.is_through.wait(PAGE_TIMEOUT_S), counts(self.server))
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            shutil.rmtree(profile, ignore_errors=True)

    def test_no_listed_host_is_served_and_all_others_are(self):
        version = self.net.client.run("chromium", "--version").stdout.strip()
        for is_on in (True, False):
            with self.subTest(offload=is_on):
                self.offload(is_on)
                self.browse()
                without = counts(self.server)
                self.assertEqual(self.server.hosts(), {*LISTED, *OTHERS, START})
                running = self.forward(EXAMPLES / "sni_block.lua")
                self.browse()
                print(f"\n{version}, offload {'on' if is_on else 'off'}: without the filter "
                      f"{without}; with it {counts(self.server)}")
                self.assertEqual(self.server.hosts(), {*OTHERS, START})
                running.stop()
                self.assertEqual(running.events_of("error"), [])
                self.assertEqual(running.logged(), [])


class Clients(TlsTest):
    """Other TLS libraries, each asked for a listed name and for another, over both families."""

    def commands(self, host, family):
        address = SERVER[family]
        bracketed = f"[{address}]" if family == 6 else address
        script = ("const r = require('https').get({host: process.argv[1], servername: process.argv[2],"
                  " headers: {host: process.argv[2]}, rejectUnauthorized: false, timeout: 3000},"
                  " r => process.exit(0)); r.on('timeout', () => process.exit(1));"
                  " r.on('error', () => process.exit(1));")
        yield ["curl", "-sk", "--max-time", "3", "--resolve", f"{host}:443:{bracketed}",
               f"https://{host}/"]
        yield ["sh", "-c", f"printf 'GET / HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n' | timeout 3 openssl"
               f" s_client -quiet -connect {bracketed}:443 -servername {host}"]
        yield ["node", "-e", script, address, host]
        # wget has no --resolve: /etc/hosts of a mount namespace of its own.
        yield ["unshare", "--mount", "sh", "-c",
               f"echo {address} {host} > {self.folder}/hosts && "
               f"mount --bind {self.folder}/hosts /etc/hosts && "
               f"timeout 3 wget -q -O - --no-check-certificate https://{host}/"]

    def test_each_is_served_other_hosts_only(self):
        self.forward(EXAMPLES / "sni_block.lua")
        for family in (4, 6):
            for listed, other in zip(self.commands(LISTED[0], family),
                                     self.commands(OTHERS[0], family)):
                with self.subTest(client=other[0:4], family=family):
                    if not shutil.which(other[0]):
                        self.skipTest(f"no {other[0]} here")
                    self.server.served.clear()
                    self.net.client.run(*listed, check=False)
                    self.assertEqual(self.server.hosts(), set())
                    self.net.client.run(*other, check=False)
                    self.assertEqual(self.server.hosts(), {OTHERS[0]})

    def fetch_in_bytes(self, host, family, size):
        """A hello in segments of so many bytes. Whether the server answers."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing, server_hostname=host)
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        hello = outgoing.read()
        connection = tcp_connection(self.net.client, SERVER[family], TLS_PORT)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(3)
        with connection, contextlib.suppress(TimeoutError, socket.timeout):
            for at in range(0, len(hello), size):
                connection.sendall(hello[at:at + size])
            return connection.recv(1) != b""
        return False

    def test_a_hello_in_small_segments(self):
        self.forward(EXAMPLES / "sni_block.lua")
        for family in (4, 6):
            for size in (1, 7, 100):
                with self.subTest(family=family, size=size):
                    self.assertFalse(self.fetch_in_bytes(LISTED[0], family, size))
                    self.assertTrue(self.fetch_in_bytes(OTHERS[0], family, size))
