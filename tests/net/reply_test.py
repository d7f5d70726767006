# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpreply and reply: what the script says reaches the client's recv()."""
import os

from live import LiveTest
from namespaces import ROUTER_LAN, ROUTER_WAN, SERVER, TUN, Tunnelled
from peers import ECHO_PORT, Echo, Probe, receive_exactly, tcp_connection, udp_socket

SCRIPT = "reply.lua"
REPLY = b"from the script\n"
LONG_REPLY = b"0123456789abcdef" * 300
DNAT_PORT = 8080
LOOPBACK = {4: "127.0.0.1", 6: "::1"}


class ReplyTest(LiveTest):
    def replying(self, hook, function="short", **options):
        return self.nflua(SCRIPT, "--hook", hook, "--target", function, **options)

    def ask(self, address, port=ECHO_PORT, expected=REPLY, namespace=None):
        """One answer from the server, then one from the script."""
        with tcp_connection(namespace or self.net.client, address, port) as connection:
            connection.sendall(b"hello")
            self.assertEqual(receive_exactly(connection, 5), b"hello")
            connection.sendall(b"ask me")
            self.assertEqual(receive_exactly(connection, len(expected)), expected)

    def assert_replies(self, running, addresses, **options):
        for address in addresses.values():
            with self.subTest(address):
                self.ask(address, **options)
        running.stop()
        self.assertEqual(running.verdicts()["drop"], len(addresses))
        self.assertNotIn(b"ask me", b"".join(self.echo.received))


class Forward(ReplyTest):
    def test_plain(self):
        self.assert_replies(self.replying("forward"), SERVER)

    def test_long_replies_come_in_segments(self):
        running = self.replying("forward", "long")
        self.assert_replies(running, SERVER, expected=LONG_REPLY)
        self.assertGreater(len(running.events_of("reply")), len(SERVER))

    def test_behind_masquerading(self):
        self.net.masquerade()
        self.assert_replies(self.replying("forward"), SERVER)

    def test_through_dnat(self):
        self.net.dnat(DNAT_PORT, ECHO_PORT)
        self.assert_replies(self.replying("forward"), ROUTER_LAN, port=DNAT_PORT)

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
        self.assert_replies(self.replying("forward"), SERVER)

    def test_udp_is_answered_by_a_datagram(self):
        running = self.replying("forward", "target")
        for family, address in SERVER.items():
            with self.subTest(address), udp_socket(self.net.client, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(b"ask me")
                self.assertEqual(client.recv(64), REPLY)
        running.stop()
        self.assertEqual(self.echo.received, [])

    def test_what_is_sent_never_comes_back_to_the_queue(self):
        running = self.replying("forward")
        self.ask(SERVER[4])
        running.stop()
        from_script = [event for event in running.events_of("packet")
                       if event["source"] == SERVER[4] and event["bytes"] > 60]
        self.assertEqual(from_script, [])


class WithoutLinkLayer(ReplyTest):
    """The client's device has no addresses: the reply goes through the IP layer."""

    network = Tunnelled

    def setUp(self):
        if not os.access(TUN, os.R_OK | os.W_OK):
            self.skipTest(f"{TUN} is missing, or not ours to open")
        super().setUp()

    def test_forward(self):
        self.assert_replies(self.replying("forward"), SERVER)

    def test_forward_behind_masquerading(self):
        self.net.masquerade()
        self.assert_replies(self.replying("forward"), SERVER)

    def test_forward_through_dnat(self):
        self.net.dnat(DNAT_PORT, ECHO_PORT)
        self.assert_replies(self.replying("forward"), ROUTER_LAN, port=DNAT_PORT)

    def test_a_reply_never_meets_a_filter_of_ours(self):
        """It leaves through OUTPUT, where nothing else is the server's."""
        self.serving(Echo(self.net.router))
        other = self.nflua("describe.lua", "--hook", "output")
        self.assert_replies(self.replying("forward"), SERVER)
        self.assertTrue(Probe(self.net.client, "udp4", ROUTER_LAN).answered())
        sources = {event["source"] for event in other.stop().events_of("packet")}
        self.assertIn(ROUTER_LAN[4], sources)
        self.assertEqual(sources & set(SERVER.values()), set())


class OtherHooks(ReplyTest):
    def test_prerouting(self):
        self.assert_replies(self.replying("prerouting"), SERVER)

    def test_prerouting_behind_masquerading(self):
        self.net.masquerade()
        self.assert_replies(self.replying("prerouting"), SERVER)

    def test_prerouting_before_dnat(self):
        self.net.dnat(DNAT_PORT, ECHO_PORT)
        running = self.replying("prerouting")
        self.assert_replies(running, ROUTER_LAN, port=DNAT_PORT)

    def test_input(self):
        self.serving(Echo(self.net.router))
        self.assert_replies(self.replying("input"), ROUTER_WAN)

    def test_udp_at_input(self):
        self.serving(Echo(self.net.router))
        running = self.replying("input", "target")
        for family, address in ROUTER_LAN.items():
            with self.subTest(address), udp_socket(self.net.client, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(b"ask me")
                self.assertEqual(client.recv(64), REPLY)
        self.assertEqual(running.stop().verdicts()["drop"], len(ROUTER_LAN))

    def test_input_from_loopback_a_device_without_addresses(self):
        self.serving(Echo(self.net.router))
        running = self.replying("input")
        self.assert_replies(running, LOOPBACK, namespace=self.net.router)
        self.assertEqual(len(running.events_of("reply")), len(LOOPBACK))

    def test_output_has_no_input_device(self):
        """Asked from the router: nothing is sent, and the server answers."""
        for hook in ("output", "postrouting"):
            with self.subTest(hook):
                running = self.replying(hook)
                for address in SERVER.values():
                    self.ask(address, expected=b"ask me", namespace=self.net.router)
                running.stop()
                self.assertEqual(set(running.logged()), {f"{hook}\tnil\tno input device"})
                self.assertEqual(running.events_of("reply"), [])
