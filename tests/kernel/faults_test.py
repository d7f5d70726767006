# SPDX-License-Identifier: GPL-2.0-or-later
"""Each allocation of the kernel's fails in turn, while a script is called, filled, or made."""
import contextlib
import socket

import faults
from kernel_base import KernelTest, connect
from namespaces import SERVER

PORT = 9
MAX_ANSWER_BYTES = 65536
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
# All that a packet may cause: memory of the script's, a timer, a held packet, a datagram.
SCRIPT = """
kept = {}
function match(pkt)
  kept = {pkt:tuple()}
  timer.create(1, function() kept = {} end)
  netlink.send(0, 1, pkt:payload())
  return false
end
function target(pkt)
  timer.create(1, function() pkt:send() end)
  return 'stolen'
end
"""


class Faults(KernelTest):
    def setUp(self):
        why = faults.why_not()
        if why:
            self.skipTest(why)
        super().setUp()

    def assert_usable(self):
        self.assertEqual(self.value("1 + 1"), "2")

    def test_a_packet_that_is_sent(self):
        self.make(SCRIPT)
        self.ask("match", chain="OUTPUT")
        self.call("target", chain="OUTPUT")
        for family, address in SERVER.items():
            sender = self.net.router.socket(FAMILIES[family], socket.SOCK_DGRAM)
            self.addCleanup(sender.close)
            failed = faults.each_allocation_fails(lambda: sender.sendto(b"packet", (address, PORT)))
            self.assertGreater(failed, 0)
        self.assertGreater(self.calls(), 0)
        self.assert_usable()

    def test_a_message(self):
        self.make(SCRIPT)
        other = f"{self.state}_other"
        client = connect(self.net.router)
        self.addCleanup(client.close)
        conversations = {
            "create and destroy": [client.create(other), client.destroy(other)],
            "execute": [client.execute(self.state, SCRIPT)],
            "list": [client.list()],
            "stats": [client.stats(self.state)],
        }
        for name, messages in conversations.items():
            with self.subTest(name):
                failed = faults.each_allocation_fails(lambda: self.converse(client, messages))
                self.assertGreater(failed, 0)
        self.assert_usable()

    def converse(self, client, messages):
        """The module works while its client is in send(). An answer may be missing."""
        for message in messages:
            client.send(*([message] if isinstance(message, bytes) else message))
        client.sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                client.sock.recv(MAX_ANSWER_BYTES)
