# SPDX-License-Identifier: GPL-2.0-or-later
"""netlink.send from packets in the kernel, as other processes receive it. control_test has the rest."""
import socket

from handmade import MAX_DATA_BYTES, NFLUA, data_of, read
from kernel_base import EXAMPLES, KernelTest
from namespaces import SERVER
from peers import ECHO_PORT, GRACE_S, udp_socket

PORT = 4242
TELLERS = 200


class Netlink(KernelTest):
    def listener(self, port=0, groups=0, namespace=None):
        made = (namespace or self.net.router).socket(socket.AF_NETLINK, socket.SOCK_RAW, NFLUA)
        self.addCleanup(made.close)
        made.bind((port, groups))
        return made

    def telling(self):
        self.make("tell.lua")
        self.ask("match", "-i", "lan0")

    def received(self, listener):
        name, payload = data_of(read(listener.recv(65536)))
        self.assertEqual(name, self.state)
        return payload

    def send_words(self, *words):
        """Through the router; what the script said of them."""
        with udp_socket(self.net.client, 4) as client:
            client.connect((SERVER[4], ECHO_PORT))
            for word in words:
                client.send(word.encode())
                client.recv(64)
        return self.said()

    def assert_silent(self, *listeners):
        for each in listeners:
            each.settimeout(GRACE_S)
            with self.assertRaises(TimeoutError):
                each.recv(64)

    def test_each_group_has_one_datagram(self):
        listeners = [self.listener(groups=1 << index) for index in range(3)]
        self.telling()
        self.send_words("groups")
        for index in (0, 2):
            self.assertEqual(self.received(listeners[index]), b"to groups 1 and 3")
        self.assert_silent(*listeners)

    def test_a_group_has_all_its_listeners_of_this_namespace(self):
        first, second = self.listener(groups=1), self.listener(groups=1)
        elsewhere = self.listener(groups=1, namespace=self.net.client)
        self.telling()
        self.assertEqual(self.send_words("group1"), [f"true\t{len('to group 1')}"])
        self.assertEqual(self.received(first), b"to group 1")
        self.assertEqual(self.received(second), b"to group 1")
        self.assert_silent(first, elsewhere)

    def test_a_group_without_listeners_is_no_failure(self):
        self.telling()
        self.assertEqual(self.send_words("group1"), [f"true\t{len('to group 1')}"])

    def test_a_port_and_a_group(self):
        alone, grouped = self.listener(PORT), self.listener(groups=1)
        self.telling()
        self.send_words("both", "memory")
        self.assertEqual(self.received(alone), b"to both")
        self.assertEqual(self.received(grouped), b"to both")
        self.assertEqual(self.received(alone), b"from a memory")
        self.assert_silent(alone, grouped)

    def test_a_missing_port_raises(self):
        self.telling()
        said, = self.send_words("nobody")
        self.assertRegex(said, "^false\t.*ECONNREFUSED")

    def test_the_module_itself_is_no_port_to_send_to(self):
        self.make("function match() print(pcall(netlink.send, 0, nil, 'x')) return false end\n")
        self.ask("match", "-i", "lan0")
        self.send_words("anything")
        self.assertEqual(self.log.complaints(), [])

    def test_more_than_a_message_may_have_raises(self):
        listener = self.listener(PORT)
        self.telling()
        said, = self.send_words("large")
        self.assertRegex(said, "^false\t.*EMSGSIZE")
        self.assert_silent(listener)

    def test_the_most_that_a_message_may_have_arrives(self):
        listener = self.listener(PORT)
        self.make(f"""function match()
            print(netlink.send({PORT}, 0, ("x"):rep({MAX_DATA_BYTES})))
            return false
        end""")
        self.ask("match", "-i", "lan0")
        self.assertEqual(self.send_words("any"), [str(MAX_DATA_BYTES)])
        self.assertEqual(self.received(listener), b"x" * MAX_DATA_BYTES)

    def test_a_reader_that_does_not_read(self):
        """Its socket's room ends: the script is told, and nothing else changes."""
        listener = self.listener(PORT)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.telling()
        said = self.send_words(*["port"] * TELLERS)
        self.assertIn(f"true\t{len('to port 4242')}", said)
        self.assertRegex("\n".join(said), "false\t.*(EAGAIN|ENOBUFS|ECONNREFUSED)")
        self.assert_all_pass()

    def test_packets_meet_what_messages_told_the_script(self):
        self.make("""
            local word
            function __receive_callback(port, message) word = tostring(message) end
            function match(pkt) return word ~= nil and pkt:find(word) ~= nil end
        """)
        self.ask("match", "-j", "DROP")
        self.assert_all_pass()
        self.client.send(self.client.data_to(self.state, b"probe udp4"))
        self.value("1")  # answered behind it
        self.assert_dropped(("udp4",))
        self.assert_all_pass(("udp6", "tcp4", "tcp6", "icmp4", "icmp6"))

    def test_telemetry_tells_of_each_connection_once(self):
        listener = self.listener(groups=1)
        self.make(EXAMPLES / "telemetry.lua")
        self.ask("match")
        self.assert_all_pass()
        self.assertEqual(len({self.received(listener) for _ in range(4)}), 4)
        self.assert_silent(listener)

    def test_a_listener_elsewhere_is_no_port_here(self):
        self.listener(PORT, namespace=self.net.client)
        self.telling()
        said, = self.send_words("port")
        self.assertRegex(said, "^false\t.*ECONNREFUSED")
