# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpreply and reply from the kernel: what the script says reaches the client's recv()."""
from kernel_base import KernelTest
from namespaces import ROUTER_LAN, ROUTER_WAN, SERVER, Bridged, Tunnelled
from peers import ECHO_PORT, Echo, receive_exactly, tcp_connection, udp_socket

SCRIPT = "reply.lua"
REPLY = b"from the script\n"
LONG_REPLY = b"0123456789abcdef" * 300
DNAT_PORT = 8080
# What may come back once UDP answers each datagram by two.
STORM = 2000


class ReplyTest(KernelTest):
    def replying(self, chain="FORWARD", function="short", table="mangle"):
        self.make(SCRIPT)
        self.call(function, chain=chain, table=table)

    def talk(self, address, port=ECHO_PORT, expected=REPLY, namespace=None):
        """One answer from the server, then one from the script."""
        with tcp_connection(namespace or self.net.client, address, port) as connection:
            connection.sendall(b"hello")
            self.assertEqual(receive_exactly(connection, 5), b"hello")
            connection.sendall(b"ask me")
            self.assertEqual(receive_exactly(connection, len(expected)), expected)

    def assert_replies(self, addresses=None, **options):
        for address in (addresses or self.net.server_addresses).values():
            with self.subTest(address):
                self.talk(address, **options)
        self.assertNotIn(b"ask me", b"".join(self.echo.received))
        self.assert_no_errors()

    def assert_udp_replies(self, addresses):
        for family, address in addresses.items():
            with self.subTest(address), udp_socket(self.net.client, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(b"ask me")
                self.assertEqual(client.recv(64), REPLY)


class Forward(ReplyTest):
    def test_plain(self):
        self.replying()
        self.assert_replies()

    def test_long_replies_come_in_segments(self):
        self.replying(function="long")
        self.assert_replies(expected=LONG_REPLY)

    def test_behind_masquerading(self):
        self.net.masquerade()
        self.replying()
        self.assert_replies()

    def test_through_dnat(self):
        self.net.dnat(DNAT_PORT, ECHO_PORT)
        self.replying()
        self.assert_replies(ROUTER_LAN, port=DNAT_PORT)

    def test_through_a_firewall_that_drops_invalid_packets(self):
        self.net.router.nft("""table inet firewall {
            chain forwarded {
                type filter hook forward priority 5
                ct state invalid drop
            }
            chain sent {
                type filter hook output priority 5
                ct state invalid drop
            }
        }""")
        self.replying()
        self.assert_replies()

    def test_udp_is_answered_by_a_datagram(self):
        self.replying(function="target")
        self.assert_udp_replies(SERVER)
        self.assertEqual(self.echo.received, [])


class WithoutLinkLayer(ReplyTest):
    network = Tunnelled

    def test_forward(self):
        self.replying()
        self.assert_replies()


class OnABridge(ReplyTest):
    network = Bridged

    def test_forward(self):
        self.replying()
        self.assert_replies()


class OtherHooks(ReplyTest):
    def test_prerouting(self):
        self.replying("PREROUTING")
        self.assert_replies()

    def test_prerouting_behind_masquerading(self):
        self.net.masquerade()
        self.replying("PREROUTING")
        self.assert_replies()

    def test_prerouting_before_dnat(self):
        self.net.dnat(DNAT_PORT, ECHO_PORT)
        self.replying("PREROUTING")
        self.assert_replies(ROUTER_LAN, port=DNAT_PORT)

    def test_prerouting_before_connection_tracking(self):
        self.replying("PREROUTING", table="raw")
        self.assert_replies()

    def test_input(self):
        self.serving(Echo(self.net.router))
        self.replying("INPUT", table="filter")
        self.assert_replies(ROUTER_WAN)

    def test_udp_at_input(self):
        self.serving(Echo(self.net.router))
        self.replying("INPUT", "target", table="filter")
        self.assert_udp_replies(ROUTER_LAN)

    def test_output_and_postrouting_have_no_input_device(self):
        """Asked from the router: nothing is sent, and the server answers."""
        self.make(SCRIPT)
        for chain in ("OUTPUT", "POSTROUTING"):
            with self.subTest(chain):
                self.rules.flush(table="mangle")
                self.call("short", chain=chain, table="mangle")
                for address in SERVER.values():
                    self.talk(address, expected=b"ask me", namespace=self.net.router)
                self.assertNotEqual(self.said(f"{chain.lower()}\tnil\tno input device"), [])
        self.assertEqual(self.look("replies"), 0)


class Storm(ReplyTest):
    def test_replies_that_are_answered_by_replies(self):
        """Client and router answer each other's datagrams, by two each."""
        answer = f"""
            count = 0
            function answer(pkt)
              if count >= {STORM} then return "drop" end
              count = count + 1
              pkt:reply("first") pkt:reply("second")
              return "drop"
            end
        """
        client = self.connect(self.net.client)
        self.make(answer)
        client.make(self.state, answer)
        self.call("answer", "-p", "udp", chain="INPUT")
        self.rules.namespace = self.net.client
        self.call("answer", "-p", "udp", chain="INPUT")
        for family, address in ROUTER_LAN.items():
            with udp_socket(self.net.client, family) as sender:
                sender.sendto(b"begin", (address, ECHO_PORT))
        self.wait_until("the storm is over", lambda: self.value("count") == str(STORM)
                        and client.value(self.state, "count") == str(STORM))
        self.rules.flush()
        self.assert_all_pass()
