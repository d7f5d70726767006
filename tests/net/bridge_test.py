# SPDX-License-Identifier: GPL-2.0-or-later
"""A bridge whose packets br_netfilter shows to the inet hooks."""
from live import EXAMPLES, LiveTest
from namespaces import BRIDGED_SERVER, Bridged
from peers import ECHO_PORT, WebPage, WebServer, receive_exactly, tcp_connection, udp_socket

REPLY = b"from the script\n"


class Bridge(LiveTest):
    network = Bridged

    def test_drop_and_accept(self):
        running = self.forward("verdicts.lua", "--target", "drop")
        self.assert_all_dropped(running)
        running.stop()
        running = self.forward("verdicts.lua", "--target", "accept")
        self.assert_all_pass()
        running.stop()

    def test_curl_reads_the_page_of_the_script(self):
        self.serving(WebServer(self.net.server))
        self.forward(EXAMPLES / "http_block_page.lua")
        for address in (BRIDGED_SERVER[4], f"[{BRIDGED_SERVER[6]}]"):
            with self.subTest(address):
                blocked = self.net.client.run("curl", "-sS", "-H", "Host: blocked.example",
                                              f"http://{address}/").stdout
                self.assertIn("This site is blocked here", blocked)
                passed = self.net.client.run("curl", "-sS", f"http://{address}/").stdout
                self.assertEqual(passed, WebPage.PAGE.decode())

    def test_replies_reach_the_client(self):
        self.forward("reply.lua")
        for family, address in BRIDGED_SERVER.items():
            with self.subTest(address):
                with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                    connection.sendall(b"ask me")
                    self.assertEqual(receive_exactly(connection, len(REPLY)), REPLY)
                with udp_socket(self.net.client, family) as client:
                    client.connect((address, ECHO_PORT))
                    client.send(b"ask me")
                    self.assertEqual(client.recv(64), REPLY)

    def test_held_packets_are_released(self):
        running = self.forward("hold.lua", "--target", "delay")
        self.assert_all_pass(("udp4", "udp6", "icmp4", "icmp6", "tcp4", "tcp6"))
        running.stop()
        self.assertGreater(running.verdicts()["sent"], 0)
        self.assertEqual(running.verdicts()["sent"], running.verdicts()["stolen"])

    def test_payload_is_replaced(self):
        self.forward("replace.lua", "--target", "same")
        for address in BRIDGED_SERVER.values():
            with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                connection.sendall(b"a SECRET here")
                self.assertEqual(receive_exactly(connection, 13), b"a secret here")
