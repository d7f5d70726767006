# SPDX-License-Identifier: GPL-2.0-or-later
"""A script writes into the link-layer header. Others may have the same bytes: a capture of the device
that the packet came from, other ports of a bridge."""
import socket

from kernel_base import KernelTest
from namespaces import SERVER, Bridged
from peers import ECHO_PORT, udp_socket

SCRIPT = """
    local function write(pkt)
      local frame = pkt:frame()
      frame:set(7, 0x02, 0, 0, 0, 0, 0x99)
      seen = table.concat({frame:get(7, 12)}, " ")
    end
    function target(pkt) write(pkt) end
    function match(pkt) write(pkt) return true end
    function delay(pkt)
      write(pkt)
      timer.create(20, function()
        held = table.concat({pkt:frame():get(7, 12)}, " ")
        pkt:send()
      end)
      return "stolen"
    end
"""
WRITTEN = "02:00:00:00:00:99"
WRITTEN_BYTES = bytes.fromhex(WRITTEN.replace(":", ""))
SHOWN = "2 0 0 0 0 153"
ASK_ALL = 3  # ETH_P_ALL
FOR_UDP = ("-p", "udp", "--dport", str(ECHO_PORT), "-i", "lan0")
STEPS = ("target", "match", "delay")


class FrameTest(KernelTest):
    chain = "PREROUTING"

    def setUp(self):
        super().setUp()
        self.make(SCRIPT)

    def call_or_ask(self, function):
        self.rules.flush(table="mangle")
        ask = self.ask if function == "match" else self.call
        ask(function, *self.selection, chain=self.chain, table="mangle")
        self.rules.add("-m", "mac", "--mac-source", WRITTEN, chain=self.chain, table="mangle")

    selection = FOR_UDP

    def written(self):
        """How many packets have the script's address for the next rule."""
        return self.rules.counted("--mac-source")

    def capture(self, namespace, device):
        with namespace.entered():
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ASK_ALL))
        tap.bind((device, ASK_ALL))
        tap.settimeout(20)
        self.addCleanup(tap.close)
        return tap

    def source_of(self, tap, word):
        """Of the frame with this word, as the capture has it."""
        while word not in (frame := tap.recv(2048)):
            pass
        return frame[6:12]

    def send(self, word, family):
        with udp_socket(self.net.client, family) as client:
            client.sendto(word, (self.net.server_addresses[family], ECHO_PORT))
            self.assertEqual(client.recv(64), word)


class Captured(FrameTest):
    def test_a_capture_shows_what_came(self):
        tap = self.capture(self.net.router, "lan0")
        for family in SERVER:
            for function in STEPS:
                with self.subTest(f"{function} {family}"):
                    self.call_or_ask(function)
                    word = f"{function}{family}".encode()
                    self.send(word, family)
                    self.assertNotEqual(self.source_of(tap, word), WRITTEN_BYTES)
                    self.assertEqual(self.value("seen"), SHOWN)
        self.assertEqual(self.value("held"), SHOWN)
        self.assert_no_errors()

    def test_what_a_target_writes_is_the_packets(self):
        self.capture(self.net.router, "lan0")
        self.call_or_ask("target")
        self.send(b"x", 4)
        self.assertEqual(self.written(), 1)

    def test_what_a_match_writes_is_the_packets_when_it_alone_has_them(self):
        self.call_or_ask("match")
        self.send(b"x", 4)
        self.assertEqual(self.written(), 1)

    def test_what_a_match_writes_goes_nowhere_when_others_have_them(self):
        self.capture(self.net.router, "lan0")
        self.call_or_ask("match")
        self.send(b"x", 4)
        self.assertEqual(self.written(), 0)


class Flooded(FrameTest):
    """The copy for one port is written, that for the other is not."""

    network = Bridged
    chain = "FORWARD"
    selection = ("-p", "udp", "-m", "physdev", "--physdev-out", "wan0")

    def test_a_copy_has_a_header_of_its_own(self):
        self.net.router.ip("link add far0 type veth peer name near0", "link set far0 master br0",
                           "link set far0 up", "link set near0 up")
        taps = {"wan0": self.capture(self.net.server, "eth0"),
                "far0": self.capture(self.net.router, "near0")}
        self.call_or_ask("target")
        with udp_socket(self.net.client, 4) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            client.sendto(b"flooded", ("10.77.1.255", ECHO_PORT))
        self.assertEqual(self.source_of(taps["wan0"], b"flooded"), WRITTEN_BYTES)
        self.assertNotEqual(self.source_of(taps["far0"], b"flooded"), WRITTEN_BYTES)
        self.assert_no_errors()
