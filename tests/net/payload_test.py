# SPDX-License-Identifier: GPL-2.0-or-later
"""Payload replaced in a running conversation, as both ends read it."""
import threading

from live import LiveTest
from namespaces import SERVER
from peers import ECHO_PORT, GRACE_S, Probes, receive_exactly, tcp_connection

SCRIPT = "replace.lua"
WORD, REPLACED = b"SECRET", b"secret"
LINES = [b"one\n", b"a SECRET here\n", b"three\n", b"SECRETSECRET\n", b"five\n"]
# Longer than any segment or GSO packet; the word's length divides neither of them.
MTU = 1500
LARGE = (b"...." + WORD) * 40000


class Replaced(LiveTest):
    def replace(self, function):
        return self.forward(SCRIPT, "--target", function)

    def talk(self, address):
        """Line by line, each answered before the next."""
        with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
            for line in LINES:
                connection.sendall(line)
                self.assertEqual(receive_exactly(connection, len(line)),
                                 line.replace(WORD, REPLACED))

    def assert_conversations_go_on(self):
        running = self.replace("same")
        for address in SERVER.values():
            self.echo.received.clear()
            self.talk(address)
            self.assertEqual(b"".join(self.echo.received),
                             b"".join(LINES).replace(WORD, REPLACED))
        running.stop()
        self.assertEqual(running.verdicts()["sent"], 2 * 2)
        self.assertEqual(running.logged(), ["sent\ttrue"] * 4)

    def test_a_conversation_goes_on(self):
        self.assert_conversations_go_on()

    def test_a_conversation_goes_on_behind_masquerading(self):
        self.net.masquerade()
        self.assert_conversations_go_on()

    def test_the_payload_may_be_a_memory(self):
        self.replace("from_memory")
        for address in SERVER.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(b"hello")
                self.assertEqual(receive_exactly(connection, 5), b"*****")

    def test_a_payload_that_no_message_can_carry_drops_the_packet(self):
        running = self.replace("too_long")
        for times, address in enumerate(SERVER.values(), 1):
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(b"hello")
                running.wait_logged("sent\tnil\tpayload too long", times)
                # Before nflua ends, after which TCP sends it again.
                self.assertEqual(self.echo.received, [])
        running.stop()
        self.assertEqual(running.verdicts()["sent"], 0)
        self.assertGreaterEqual(running.verdicts()["failed"], len(SERVER))

    def send_large(self, address):
        with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
            sender = threading.Thread(target=connection.sendall, args=(LARGE,))
            sender.start()
            answer = receive_exactly(connection, len(LARGE))
            sender.join()
        return answer

    def assert_large_writes_arrive(self):
        """All bytes arrive, and every word that lies within a packet is replaced."""
        running = self.replace("same")
        for address in SERVER.values():
            self.echo.received.clear()
            answer = self.send_large(address)
            self.assertEqual(len(answer), len(LARGE))
            self.assertEqual(answer.upper(), LARGE.upper())
            seen = b"".join(self.echo.received)
            self.assertGreater(seen.count(REPLACED), seen.count(WORD))
            self.assertEqual(seen.upper(), LARGE.upper())
        running.stop()
        sizes = [event["bytes"] for event in running.events_of("packet")]
        self.assertGreater(max(sizes), MTU, "no GSO packet met the script")

    def test_large_writes_arrive(self):
        self.assert_large_writes_arrive()

    def test_large_writes_arrive_behind_masquerading(self):
        self.net.masquerade()
        self.assert_large_writes_arrive()

    def test_a_longer_payload_arrives(self):
        """The bytes do; what follows them does not fit, as the documentation says."""
        running = self.replace("longer")
        for address in SERVER.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(WORD)
                running.wait_for("them at the server",
                                 lambda: REPLACED + b"s" in self.echo.received)
                self.echo.received.clear()

    def test_what_is_not_tcp_is_dropped_with_a_message(self):
        running = self.replace("any")
        names = ("udp4", "udp6", "icmp4", "icmp6")
        probes = Probes(self.net, names)
        running.wait_verdicts("failed", len(names))
        self.assertEqual(probes.answered(GRACE_S), set())
        self.assertTrue(all(text.startswith("sent\tnil\t") for text in running.logged("sent")))
