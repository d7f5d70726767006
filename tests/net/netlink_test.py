# SPDX-License-Identifier: GPL-2.0-or-later
"""netlink.send, as other processes in the router's namespace receive it."""
import socket
import struct

from live import EXAMPLES, LiveTest
from namespaces import CLIENT, SERVER
from peers import ECHO_PORT, GRACE_S, udp_socket

NETLINK_USERSOCK = 2
PORT = 4242
LARGE = 100000
DATA_HEADER = struct.Struct("=IHHIII64s")  # a struct nlmsghdr, the payload's size, the state's name
DATA, REQUEST_DONE = 20, 1 | 4
TELEMETRY = struct.Struct(">BBBxHHQ16s16s")


class Netlink(LiveTest):
    def listener(self, port=0, groups=0):
        made = self.net.router.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_USERSOCK)
        self.addCleanup(made.close)
        made.bind((port, groups))
        return made

    def telling(self):
        return self.forward("tell.lua", "--in-interface", "lan0")  # not for the echo too

    def payload_of(self, datagram, state="tell"):
        """What a DATA message carries; its header must be right."""
        size, kind, flags, sequence, _, total, name = DATA_HEADER.unpack_from(datagram)
        payload = datagram[DATA_HEADER.size:]
        self.assertEqual((size, kind, flags), (len(datagram), DATA, REQUEST_DONE))
        self.assertEqual((total, name.rstrip(b"\0").decode()), (len(payload), state))
        self.assertGreater(sequence, 0)
        return payload

    def received(self, listener, state="tell"):
        return self.payload_of(listener.recv(2 * LARGE), state)

    def ask(self, running, *words):
        """Sends each word through the router; what the script said of them."""
        with udp_socket(self.net.client, 4) as client:
            client.connect((SERVER[4], ECHO_PORT))
            for word in words:
                client.send(word.encode())
                client.recv(64)
        running.wait_logged("", len(words))
        return running.logged()

    def assert_silent(self, *listeners):
        for each in listeners:
            each.settimeout(GRACE_S)
            with self.assertRaises(TimeoutError):
                each.recv(64)

    def test_a_group_has_all_its_listeners(self):
        first, second = self.listener(groups=1), self.listener(groups=1)
        other = self.listener(groups=2)
        running = self.telling()
        self.assertEqual(self.ask(running, "group1"), [f"true\t{len('to group 1')}"])
        self.assertEqual(self.received(first), b"to group 1")
        self.assertEqual(self.received(second), b"to group 1")
        self.assert_silent(first, other)

    def test_each_group_has_one_datagram(self):
        listeners = [self.listener(groups=1 << index) for index in range(3)]
        running = self.telling()
        self.ask(running, "groups")
        for index in (0, 2):
            self.assertEqual(self.received(listeners[index]), b"to groups 1 and 3")
        self.assert_silent(*listeners)

    def test_a_group_without_listeners_is_no_failure(self):
        running = self.telling()
        self.assertEqual(self.ask(running, "group1", "groups"),
                         [f"true\t{len('to group 1')}", f"true\t{len('to groups 1 and 3')}"])

    def test_a_port(self):
        listener = self.listener(PORT)
        running = self.telling()
        self.ask(running, "port", "memory")
        self.assertEqual(self.received(listener), b"to port 4242")
        self.assertEqual(self.received(listener), b"from a memory")
        self.assert_silent(listener)

    def test_a_port_and_a_group(self):
        alone, grouped = self.listener(PORT), self.listener(groups=1)
        running = self.telling()
        self.ask(running, "both")
        self.assertEqual(self.received(alone), b"to both")
        self.assertEqual(self.received(grouped), b"to both")
        self.assert_silent(alone, grouped)

    def test_a_missing_port_raises(self):
        running = self.telling()
        said = self.ask(running, "nobody")
        self.assertRegex(said[0], "^false\t.*ECONNREFUSED")

    def test_a_large_payload_arrives_whole(self):
        listener = self.listener(PORT)
        running = self.telling()
        self.assertEqual(self.ask(running, "large"), [f"true\t{LARGE}"])
        self.assertEqual(self.received(listener), b"x" * LARGE)

    def test_what_is_sent_is_an_event_as_in_a_replay(self):
        self.listener(PORT)
        running = self.telling()
        self.ask(running, "both")
        event, = running.stop().events_of("datagram")
        self.assertEqual((event["port"], event["groups"], event["bytes"]), (PORT, 1, 7))
        self.assertEqual(bytes.fromhex(event["data"]), b"to both")

    def test_telemetry_tells_of_each_connection_once(self):
        listener = self.listener(groups=1)
        running = self.forward(EXAMPLES / "telemetry.lua")
        self.assert_all_pass()
        running.stop()
        listener.settimeout(GRACE_S)
        told = set()
        for _ in range(4):
            record = TELEMETRY.unpack(self.received(listener, "telemetry"))
            _, family, protocol, _, port, _, source, destination = record
            told.add((family, protocol, port))
            size = 4 if family == 4 else 16
            address = socket.AF_INET if family == 4 else socket.AF_INET6
            self.assertEqual(socket.inet_ntop(address, source[:size]), CLIENT[family])
            self.assertEqual(socket.inet_ntop(address, destination[:size]), SERVER[family])
        self.assertEqual(told, {(f, p, ECHO_PORT) for f in (4, 6) for p in (6, 17)})
        self.assert_silent(listener)
