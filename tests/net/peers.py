# SPDX-License-Identifier: GPL-2.0-or-later
"""Who talks through the router: an echo server, and probes that ask it something.

The sockets are in the namespaces of client and server; only the threads are the suite's."""
import contextlib
import errno
import http.server
import select
import socket
import struct
import threading
import time

from namespaces import FAMILIES, TIMEOUT_S

ECHO_PORT = 7
HTTP_PORT = 80
DNS_PORT = 53
# To see that nothing comes, after the datapath has said that it dropped it.
GRACE_S = 0.1
ICMP = {4: (socket.IPPROTO_ICMP, 8, 0), 6: (socket.IPPROTO_ICMPV6, 128, 129)}


def bound(namespace, kind, port):
    """A socket for both families."""
    made = namespace.socket(socket.AF_INET6, kind)
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("::", port))
    if kind == socket.SOCK_STREAM:
        made.listen()
    return made


def address_of(peer):
    """A peer's address, as text, at a socket for both families."""
    return peer[0].removeprefix("::ffff:")


class Service(threading.Thread):
    """Calls `serve(socket)` whenever one of its sockets can be read, until `stop()`."""

    def __init__(self, *sockets):
        super().__init__(daemon=True)
        self.sockets = list(sockets)
        self.wake, self.woken = socket.socketpair()
        self.start()

    def run(self):
        while True:
            ready, _, _ = select.select([self.woken, *self.sockets], [], [])
            if self.woken in ready:
                return
            for source in ready:
                with contextlib.suppress(OSError):  # a peer that is gone: the next one, please
                    self.serve(source)

    def stop(self):
        self.wake.send(b"x")
        self.join()
        for each in (*self.sockets, self.wake, self.woken):
            each.close()


class Echo(Service):
    """Sends back what comes to a port, TCP and UDP. `received`: all of it, in order; `peers`: the
    addresses that it came from."""

    def __init__(self, namespace, port=ECHO_PORT):
        self.received = []
        self.peers = set()
        self.listener = bound(namespace, socket.SOCK_STREAM, port)
        self.datagrams = bound(namespace, socket.SOCK_DGRAM, port)
        super().__init__(self.listener, self.datagrams)

    def serve(self, source):
        if source is self.listener:
            connection, peer = source.accept()
            self.peers.add(address_of(peer))
            self.sockets.append(connection)
        elif source is self.datagrams:
            data, peer = source.recvfrom(65535)
            self.received.append(data)
            self.peers.add(address_of(peer))
            source.sendto(data, peer)
        else:
            self.serve_stream(source)

    def serve_stream(self, source):
        data = b""
        with contextlib.suppress(OSError):
            data = source.recv(65535)
        if not data:
            self.sockets.remove(source)
            source.close()
            return
        self.received.append(data)
        source.sendall(data)


class NameServer(Service):
    """Answers every query for an address with one of its own, over UDP and TCP."""

    ANSWERS = {1: socket.inet_aton("198.51.100.7"),
               28: socket.inet_pton(socket.AF_INET6, "2001:db8:7::7")}

    def __init__(self, namespace):
        self.listener = bound(namespace, socket.SOCK_STREAM, DNS_PORT)
        self.datagrams = bound(namespace, socket.SOCK_DGRAM, DNS_PORT)
        self.streams = {}  # what came of a connection's query so far
        super().__init__(self.listener, self.datagrams)

    def serve(self, source):
        if source is self.listener:
            self.sockets.append(source.accept()[0])
        elif source is self.datagrams:
            query, peer = source.recvfrom(65535)
            source.sendto(self.answer(query), peer)
        else:
            self.serve_stream(source)

    def serve_stream(self, source):
        more = b""
        with contextlib.suppress(OSError):
            more = source.recv(65535)
        query = self.streams.pop(source, b"") + more
        if not more:
            self.sockets.remove(source)
            source.close()
        elif len(query) < 2 or len(query) < 2 + struct.unpack_from(">H", query)[0]:
            self.streams[source] = query
        else:
            answer = self.answer(query[2:])
            source.sendall(struct.pack(">H", len(answer)) + answer)

    def answer(self, query):
        stop = query.index(0, 12) + 5  # the name ends in a 0; type and class follow
        kind = struct.unpack_from(">H", query, stop - 4)[0]
        address = self.ANSWERS.get(kind, b"")
        header = query[:2] + struct.pack(">5H", 0x8580, 1, 1 if address else 0, 0, 0)
        record = struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(address)) + address
        return header + query[12:stop] + (record if address else b"")


class WebPage(http.server.BaseHTTPRequestHandler):
    PAGE = b"the server's own page\n"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.PAGE)))
        self.end_headers()
        self.wfile.write(self.PAGE)

    def log_message(self, *_):
        pass


class WebServer:
    def __init__(self, namespace, port=HTTP_PORT):
        self.server = http.server.ThreadingHTTPServer(("::", port), WebPage, False)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that went away
        self.server.socket.close()
        self.server.socket = bound(namespace, socket.SOCK_STREAM, port)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Probe:
    """Asks an echo server by TCP, UDP or ICMP, over IPv4 or IPv6: "tcp4", "icmp6" …"""

    NAMES = ("tcp4", "tcp6", "udp4", "udp6", "icmp4", "icmp6")

    def __init__(self, namespace, name, addresses, port=ECHO_PORT):
        self.name, self.protocol, self.family = name, name[:-1], int(name[-1])
        self.request = b"probe " + name.encode()
        address = FAMILIES[self.family]
        if self.protocol == "icmp":
            number, kind, self.reply_kind = ICMP[self.family]
            self.socket = namespace.socket(address, socket.SOCK_DGRAM, number)
            self.request = struct.pack("!BBHHH", kind, 0, 0, 0, 1) + self.request
        else:
            kind = socket.SOCK_STREAM if self.protocol == "tcp" else socket.SOCK_DGRAM
            self.socket = namespace.socket(address, kind)
        self.socket.setblocking(False)
        status = self.socket.connect_ex((addresses[self.family], port))
        assert status in (0, errno.EINPROGRESS), name
        if self.protocol != "tcp":
            self.socket.send(self.request)

    def answered(self, timeout_s=TIMEOUT_S):
        """Whether the answer comes in time; the probe is over then."""
        with self.socket:
            try:
                if self.protocol == "tcp":
                    if not select.select([], [self.socket], [], timeout_s)[1]:
                        return False
                    self.socket.send(self.request)
                self.socket.settimeout(timeout_s)
                return self.is_answer(self.socket.recv(65535))
            except OSError:  # timed out, refused or reset
                return False

    def is_answer(self, data):
        if self.protocol == "icmp":
            return data[0] == self.reply_kind and data[8:] == self.request[8:]
        return data == self.request


class Probes:
    """One of each, sent at once."""

    def __init__(self, network, names=Probe.NAMES, port=ECHO_PORT):
        self.probes = [Probe(network.client, name, network.server_addresses, port)
                       for name in names]

    def answered(self, timeout_s=TIMEOUT_S):
        """The names of those that got their answer."""
        return {probe.name for probe in self.probes if probe.answered(timeout_s)}


def udp_socket(namespace, family, source_port=0, address=""):
    made = namespace.socket(FAMILIES[family], socket.SOCK_DGRAM)
    made.bind((address, source_port))
    return made


def tcp_connection(namespace, address, port, source=""):
    made = namespace.socket(FAMILIES[6 if ":" in address else 4], socket.SOCK_STREAM)
    made.bind((source, 0))
    made.connect((address, port))
    return made


def receive_exactly(connection, count):
    """So many bytes, or what came before the other side closed."""
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            break
        data += more
    return data


def wait_listening(namespace, port):
    """Until a program that was just started listens there."""
    deadline = time.monotonic() + TIMEOUT_S
    while not namespace.run("ss", "-Hltn", f"sport = :{port}").stdout:
        assert time.monotonic() < deadline, f"nothing listens at port {port}"
        time.sleep(0.02)
