# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that a script holds, and what becomes of them."""
import socket
import struct

from live import EXAMPLES, LiveTest
from namespaces import SERVER
from peers import ECHO_PORT, WebPage, WebServer, tcp_connection, udp_socket

SCRIPT = "hold.lua"
HOLD_NS = 200 * 10**6
ROUND_TRIP = ("udp4", "udp6", "tcp4", "tcp6", "icmp4", "icmp6")
LINE = b"a line\n"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Held(LiveTest):
    def hold(self, function, *options):
        return self.forward(SCRIPT, "--target", function, *options)

    def held_ns(self, running):
        """For how long each held packet was held: since it came, before its timer was made."""
        came = {event["packet"]: event["time_ns"] for event in running.events_of("packet")}
        return [event["time_ns"] - came[event["packet"]]
                for event in running.events_of("verdict") if event["verdict"] == "sent"]

    def test_a_timer_releases_what_was_held(self):
        running = self.hold("delay")
        self.assert_all_pass(ROUND_TRIP)
        running.stop()
        verdicts = running.verdicts()
        self.assertGreaterEqual(verdicts["stolen"], 2 * len(ROUND_TRIP))
        self.assertEqual(verdicts["sent"], verdicts["stolen"])
        # What TCP has sent again meanwhile may still be held at the end, and goes without a timer.
        self.assertGreaterEqual(len(running.logged("sent\ttrue")), 2 * len(ROUND_TRIP))
        self.assertEqual(running.logged("sent\ttrue"), running.logged("sent"))
        by_timer = sorted(self.held_ns(running))[-len(running.logged("sent")):]
        self.assertGreaterEqual(by_timer[0], HOLD_NS)

    def test_a_sent_packet_skips_the_rest_of_the_hook(self):
        self.counting("udp dport 7")
        running = self.hold("delay")
        self.assert_all_pass(("udp4", "udp6"))
        running.stop()
        self.assertEqual(self.counted(), 0)

    def test_a_closed_packet_is_lost_and_tcp_sends_it_again(self):
        running = self.hold("close_first")
        self.assert_all_pass(("tcp4",))
        running.stop()
        self.assertEqual(running.verdicts()["closed"], 1)
        self.assertEqual(running.logged("closed"), ["closed\ttrue"])

    def test_an_abandoned_packet_is_closed(self):
        running = self.hold("abandon")
        with udp_socket(self.net.client, 4) as client:
            for _ in range(100):
                client.sendto(b"forgotten", (SERVER[4], ECHO_PORT))
        running.wait_verdicts("stolen", 100)
        running.wait_verdicts("closed", 1)
        self.assertEqual(self.echo.received, [])
        running.stop()  # which lets go of those that the collector has not met, by --fail
        verdicts = running.verdicts()
        self.assertEqual(verdicts["closed"] + verdicts["sent"], verdicts["stolen"])

    def test_packets_can_be_sent_in_another_order(self):
        self.hold("reorder", "--in-interface", "lan0")
        with udp_socket(self.net.client, 4) as client:
            for word in (b"1", b"2", b"3"):
                client.sendto(word, (SERVER[4], ECHO_PORT))
            answers = [client.recv(16) for _ in range(3)]
        self.assertEqual(self.echo.received, [b"3", b"2", b"1"])
        self.assertEqual(sorted(answers), [b"1", b"2", b"3"])

    def test_what_is_held_stays_when_its_neighbours_get_their_verdict(self):
        """Verdicts for runs of packets are batched: a batch must not reach the held ones."""
        running = self.hold("keep_every_third", "--in-interface", "lan0")
        words = [b"%d" % number for number in range(1, 301)]
        with udp_socket(self.net.client, 4) as client:
            for word in words:
                client.sendto(word, (SERVER[4], ECHO_PORT))
            passing = [word for word in words if int(word) % 3 != 0]
            self.assertEqual([client.recv(16) for _ in passing], passing)
        running.wait_verdicts("stolen", len(words) - len(passing))
        self.assertEqual(self.echo.received, passing)

    def test_a_client_may_close_while_its_packet_is_held(self):
        running = self.hold("delay")
        for address in SERVER.values():
            for linger in (None, RESET_ON_CLOSE):
                with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                    if linger:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    connection.sendall(LINE)
        running.wait_for("four held packets sent", lambda: running.verdicts()["sent"] >= 4)
        self.assert_all_pass(ROUND_TRIP)
        running.stop()
        self.assertEqual(running.verdicts()["sent"], running.verdicts()["stolen"])

    def test_beyond_the_bound_packets_are_not_held(self):
        running = self.hold("keep", "--max-held-packets", "2")
        with udp_socket(self.net.client, 4) as client:
            for word in (b"1", b"2", b"3"):
                client.sendto(word, (SERVER[4], ECHO_PORT))
        running.wait_for("a verdict for each", lambda: sum(running.verdicts().values()) >= 3)
        running.wait_for("the third at the server", lambda: b"3" in self.echo.received)
        self.assertEqual(self.echo.received[0], b"3")
        self.assertEqual(running.verdicts()["stolen"], 2)
        self.assertGreaterEqual(len(running.events_of("error")), 1)

    def assert_arrive_after_the_end(self, policy, expected):
        running = self.hold("keep", "--fail", policy)
        with udp_socket(self.net.client, 4) as client:
            client.sendto(b"held", (SERVER[4], ECHO_PORT))
            running.wait_verdicts("stolen", 1)
            running.stop()
            client.sendto(b"after", (SERVER[4], ECHO_PORT))
            self.assertEqual([client.recv(16) for _ in expected], expected)
        self.assertEqual(self.echo.received, expected)
        self.assert_no_tables()

    def test_the_end_lets_held_packets_through_with_fail_open(self):
        self.assert_arrive_after_the_end("open", [b"held", b"after"])

    def test_the_end_drops_held_packets_with_fail_closed(self):
        self.assert_arrive_after_the_end("closed", [b"after"])


class Example(LiveTest):
    def test_hold_and_release_delays_a_connection_and_lets_it_go_on(self):
        self.serving(WebServer(self.net.server))
        running = self.forward(EXAMPLES / "hold_and_release.lua")
        for address in (SERVER[4], f"[{SERVER[6]}]"):
            page = self.net.client.run("curl", "-sS", f"http://{address}/").stdout
            self.assertEqual(page, WebPage.PAGE.decode())
        running.stop()
        self.assertGreaterEqual(running.verdicts()["sent"], 2)
        self.assertEqual(running.verdicts()["sent"], running.verdicts()["stolen"])
        self.assertEqual(running.events_of("error"), [])
