# SPDX-License-Identifier: GPL-2.0-or-later
"""Fragmented datagrams: before conntrack has reassembled them, and after."""
from live import LiveTest
from namespaces import SERVER
from peers import ECHO_PORT, udp_socket

DATA = bytes(range(256)) * 16  # three fragments over Ethernet
FRAGMENTS = 3
IP_BYTES = {4: 20, 6: 40}
UDP_BYTES = 8
BEFORE_DEFRAG = "-450"


class Fragments(LiveTest):
    def exchange(self):
        """A datagram each way and family."""
        for family, address in SERVER.items():
            with udp_socket(self.net.client, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(DATA)
                self.assertEqual(client.recv(65535), DATA)

    def test_whole_datagrams_after_reassembly(self):
        running = self.forward("describe.lua")
        self.exchange()
        running.stop()
        for family in SERVER:
            whole = IP_BYTES[family] + UDP_BYTES + len(DATA)
            packets = [event for event in running.events_of("packet") if event["family"] == family]
            self.assertEqual([event["bytes"] for event in packets], [whole, whole])
            self.assertEqual(packets[0]["destination_port"], ECHO_PORT)
            self.assertEqual(packets[1]["source_port"], ECHO_PORT)

    def test_fragments_before_reassembly(self):
        self.counting("ct state new")  # so that something wants them reassembled
        running = self.nflua("describe.lua", "--hook", "prerouting", "--priority", BEFORE_DEFRAG)
        self.exchange()
        running.stop()
        for family in SERVER:
            packets = [event for event in running.events_of("packet")
                       if event["family"] == family and event["protocol"] == 17]
            self.assertEqual(len(packets), 2 * FRAGMENTS)
            self.assertEqual(sum("source_port" in event for event in packets), 2)
            self.assertLessEqual(max(event["bytes"] for event in packets), 1500)
        self.assertTrue(all(" id=nil " in text for text in running.logged(" protocol=17 ")))

    def test_one_dropped_fragment_drops_the_datagram(self):
        running = self.nflua("drop_later_fragments.lua", "--hook", "prerouting", "--priority",
                             BEFORE_DEFRAG)
        for family, address in SERVER.items():
            with udp_socket(self.net.client, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(DATA)
                client.send(b"small")
                self.assertEqual(client.recv(65535), b"small")
        running.stop()
        self.assertEqual(running.verdicts()["drop"], 2 * (FRAGMENTS - 1))

    def test_a_reassembled_datagram_can_be_answered(self):
        running = self.forward("reply.lua")
        for family, address in SERVER.items():
            with udp_socket(self.net.client, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(b"ask" + DATA)
                self.assertEqual(client.recv(65535), b"from the script\n")
        self.assertEqual(running.stop().verdicts()["drop"], len(SERVER))

    def test_a_reassembled_datagram_can_be_held(self):
        running = self.forward("hold.lua", "--target", "delay")
        self.exchange()
        running.stop()
        self.assertEqual(running.verdicts()["sent"], 2 * len(SERVER))
