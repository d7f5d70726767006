# SPDX-License-Identifier: GPL-2.0-or-later
"""DATA to states and from them: all of it arrives, or its loss is counted."""
import errno
import socket
import struct
import threading

from daemon import DaemonTest, LiveDaemonTest, MANY
from handmade import (DATA, DONE, MAX_DATA_BYTES, REQUEST, USERSOCK, data, data_of, error_text, name,
                      u32)
from peers import Probe, Probes

# Each message bears its number; the state counts those that come in order.
COUNT = """
count, size = 0, 0
function __receive_callback(port, message)
  assert(message:unpack(">I4") == count + 1)
  count = count + 1
  size = #message
end
"""
# Sends as many as each message asks for, numbered, to where it came from or to a group.
SEND = """
sent, failed, why = 0, 0, ""
function __receive_callback(port, message)
  local count, group = message:unpack(">I4 I4")
  for _ = 1, count do
    local ok, text = pcall(netlink.send, group == 0 and port or 0, group, ("%08d"):format(sent + 1))
    if ok then sent = sent + 1 else failed, why = failed + 1, text end
  end
end
"""
BATCH = 100  # far below what a socket has room for


class DataTest(DaemonTest):
    family = USERSOCK

    def setUp(self):
        super().setUp()
        self.client.sock.setblocking(True)  # who has no room to send waits

    def listener(self, group=1):
        made = self.home.socket(socket.AF_NETLINK, socket.SOCK_RAW, self.family)
        self.addCleanup(made.close)
        made.bind((0, 1 << (group - 1)))
        return made

    def ask_for(self, count, group=0):
        self.client.send(self.client.data_to("a", struct.pack(">II", count, group)))

    def assert_next(self, one, number):
        """It is the state's message of that number, and says so."""
        self.assertEqual((one.kind, one.flags, one.number), (DATA, REQUEST | DONE, number))
        self.assertEqual(data_of(one), ("a", b"%08d" % number))

    def numbers(self, listener):
        """Of all that waits there. And whether the kernel says that some were lost."""
        numbers, lost = [], False
        listener.setblocking(False)
        while True:
            try:
                numbers.append(struct.unpack_from("=IHHI", listener.recv(4096))[3])
            except BlockingIOError:
                return numbers, lost
            except OSError as error:
                self.assertEqual(error.errno, errno.ENOBUFS)
                lost = True


class ToState(DataTest):
    def test_many_arrive_in_order(self):
        client = self.client
        client.make("a", COUNT)
        for number in range(1, MANY + 1):
            client.send(client.data_to("a", struct.pack(">I", number)))
        self.assertEqual(client.value("a", "count"), str(MANY))
        stats = client.look()
        self.assertEqual((stats["data"], stats["failed"]), (MANY, 0))
        # The module has no queue that could overrun.
        self.assertEqual((stats.get("receive_overruns", 0), stats["malformed"]), (0, 0))
        self.assertEqual(client.look("a")["errors"], 0)

    def test_of_several_clients_each_ones_arrive_in_order(self):
        self.client.make("a", """
            last, count = {}, 0
            function __receive_callback(port, message)
              assert(message:unpack(">I4") == (last[port] or 0) + 1)
              last[port] = message:unpack(">I4")
              count = count + 1
            end""")
        clients = [self.connect() for _ in range(4)]
        share = MANY // 20

        def send(client):
            client.sock.setblocking(True)
            for number in range(1, share + 1):
                client.send(client.data_to("a", struct.pack(">I", number)))

        threads = [threading.Thread(target=send, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for client in clients:
            self.assertEqual(client.value("a", f"last[{client.port}]"), str(share))
        self.assertEqual(self.client.value("a", "count"), str(share * len(clients)))

    def test_the_largest_and_one_byte_more(self):
        client = self.client
        client.make("a", "function __receive_callback(_, message) size = #message end")
        for size in (MAX_DATA_BYTES, 0, 1):
            client.send(client.data_to("a", b"x" * size))
            self.assertEqual(client.value("a", "size"), str(size))
        client.send(client.data_to("a", b"x" * (MAX_DATA_BYTES + 1)))
        self.assertTrue(client.receive().is_error)
        self.assertEqual(client.value("a", "size"), "1")

    def test_a_failure_comes_before_the_next_answer(self):
        client = self.client
        client.make("a", """
            function __receive_callback(_, message) error("no: " .. tostring(message)) end""")
        for _ in range(100):
            bad = client.next
            client.send(client.data_to("a", b"1"), client.list())
            error, answer = client.receive(), client.receive()
            self.assertTrue(error.is_error)
            self.assertEqual((error.number, answer.number), (bad, bad + 1))
        for _ in range(100):
            bad = client.next
            client.send(client.data_to("a", b"2"))
            self.assertIn("no: 2", self.error_after(bad))
        self.assertEqual(client.look("a")["errors"], 200)

    def error_after(self, bad):
        """Asks for the text at once; the error comes first all the same."""
        client = self.client
        number = client.number()
        client.send(error_text(number))
        error, text = client.receive(), client.receive()
        self.assertTrue(error.is_error, error)
        self.assertEqual((error.number, text.number), (bad, number))
        return text.body.decode(errors="replace")

    def test_a_failure_comes_without_another_command_too(self):
        client = self.client
        client.make("a", "function __receive_callback() error('no') end")
        client.send(client.data_to("a", b"x"))
        error = client.receive()
        self.assertTrue(error.is_error)
        self.assertEqual(error.number, client.next - 1)
        self.assertIn("no", client.error())

    def test_only_the_bad_ones_fail(self):
        client = self.client
        client.make("a", "function __receive_callback(_, m) assert(m:unpack('B') % 2 == 0) end")
        first = client.next
        for number in range(200):
            client.send(client.data_to("a", bytes([number])))
        errors = [client.receive() for _ in range(100)]
        self.assertTrue(all(error.is_error for error in errors))
        self.assertEqual([error.number - first for error in errors], list(range(1, 200, 2)))
        self.assertEqual(len(client.states()), 1)

    def test_without_a_state_or_a_function_it_fails(self):
        client = self.client
        self.assertIn("none: there is no such state", client.refused(client.data_to("none", b"x")))
        client.do(client.create("a"))
        self.assertIn("__receive_callback", client.refused(client.data_to("a", b"x")))

    def test_a_message_lives_as_long_as_its_callback(self):
        client = self.client
        client.make("a", "function __receive_callback(_, message) kept = message end")
        client.send(client.data_to("a", b"hello"))
        self.assertEqual(client.value("a", "#kept"), "0")

    def test_a_state_is_destroyed_behind_its_data(self):
        client = self.client
        client.make("a", "function __receive_callback() print('had it') end")
        for _ in range(10):
            client.send(client.data_to("a", b"x"))
        client.do(client.destroy("a"))
        self.daemon.wait_said("had it", 10)


class FromState(DataTest):
    def test_many_arrive_in_order_and_numbered(self):
        client = self.client
        client.make("a", SEND)
        for first in range(1, MANY + 1, BATCH):
            self.ask_for(BATCH)
            for number in range(first, first + BATCH):
                self.assert_next(client.receive(), number)
        stats = client.look("a")
        self.assertEqual((stats["datagrams"], stats["datagram_failures"]), (MANY, 0))

    def test_numbers_go_on_over_a_reload_and_start_anew_with_the_state(self):
        client = self.client
        client.make("a", f"netlink.send({client.port}, 0, '')")
        client.do(client.reload("a", f"netlink.send({client.port}, 0, '')"))
        client.do(client.destroy("a"))
        client.make("a", f"netlink.send({client.port}, 0, '')")
        self.assertEqual([one.number for one in client.data], [1, 2, 1])

    def test_a_group_has_them_all(self):
        listeners = [self.listener(), self.listener()]
        self.client.make("a", SEND)
        self.ask_for(BATCH, group=1)
        self.assertEqual(self.client.value("a", "sent"), str(BATCH))
        for listener in listeners:
            self.assertEqual(self.numbers(listener), (list(range(1, BATCH + 1)), False))

    def test_a_listener_that_is_slow_loses_some_and_sees_it(self):
        slow, quick = self.listener(), self.listener()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)  # as small as can be
        self.client.make("a", SEND)
        total = 10 * BATCH
        for first in range(1, total + 1, BATCH):
            self.ask_for(BATCH, group=1)
            self.client.value("a", "1")  # it has been done
            self.assertEqual(self.numbers(quick), (list(range(first, first + BATCH)), False))
        numbers, lost = self.numbers(slow)
        self.assertTrue(lost)
        self.assertLess(len(numbers), total)
        self.ask_for(1, group=1)
        self.client.value("a", "1")
        self.assertEqual(self.numbers(slow), ([total + 1], False))

    def test_a_reader_that_is_slow_costs_the_script_an_error_and_nothing_waits(self):
        client, slow = self.client, self.connect()
        client.make("a", SEND)
        total = 0
        while client.look("a")["datagram_failures"] == 0:
            slow.send(slow.data_to("a", struct.pack(">II", BATCH, 0)))
            total += BATCH
        self.assertIn("EAGAIN", client.value("a", "why"))
        sent, failed = map(int, client.value("a", "sent, failed").split())
        stats = client.look("a")
        self.assertEqual((stats["datagrams"], stats["datagram_failures"]), (sent, failed))
        self.assertEqual(sent + failed, total)
        self.assertEqual(stats["errors"], 0)
        numbers = [slow.receive().number for _ in range(sent)]
        self.assertEqual(numbers, sorted(set(numbers)))
        # What was lost is a gap: the next one's number says how many there were.
        slow.send(slow.data_to("a", struct.pack(">II", 1, 0)))
        self.assertEqual(slow.receive().number, total + 1)

    def test_nobody_at_a_port_is_an_error_that_the_script_may_catch(self):
        client = self.client
        client.do(client.create("a"))
        self.assertIn("ECONNREFUSED", client.value("a", "pcall(netlink.send, 4343, 0, 'x')"))
        self.assertIn("ECONNREFUSED",
                      client.refused(client.execute("a", "netlink.send(4343, 0, 'x')")))
        self.assertEqual(client.look("a")["datagram_failures"], 2)

    def test_the_largest_and_more(self):
        client = self.client
        client.do(client.create("a"))
        client.do(client.execute("a", f"netlink.send({client.port}, 0, ('x'):rep({MAX_DATA_BYTES}))"))
        self.assertEqual(data_of(client.data.popleft()), ("a", b"x" * MAX_DATA_BYTES))
        more = f"netlink.send({client.port}, 0, ('x'):rep({MAX_DATA_BYTES + 1}))"
        self.assertIn("EMSGSIZE", client.refused(client.execute("a", more)))

    def test_a_state_that_sends_to_the_daemon_itself_harms_nobody(self):
        client = self.client
        client.make("a", "function __receive_callback() count = (count or 0) + 1 end")
        client.make("b", "")
        self.assertIn("true", client.value("b", f"pcall(netlink.send, {client.server}, 0, 'x')"))
        self.assertEqual(len(client.states()), 2)


class Slow(LiveDaemonTest):
    """A state that takes long for each message."""

    def test_it_is_refused_more_and_makes_nobody_wait(self):
        client = self.client
        client.do(client.create("slow"))  # whose every message takes a whole budget: milliseconds
        client.do(client.execute("slow", "function __receive_callback() while true do end end"))
        sender = self.connect()
        for _ in range(MANY // 20):
            sender.send(sender.data_to("slow", b"x"))
        self.assertEqual(Probes(self.net, Probe.NAMES).answered(), set(Probe.NAMES))
        client.do(client.destroy("slow"))
        self.assertGreater(client.look()["data_refused"], 0)
        self.assertEqual(len(client.states()), 0)


class Flood(LiveDaemonTest):
    def test_packets_flow_and_others_are_answered_while_data_floods_a_state(self):
        client = self.client
        client.make("a", COUNT + "function match() return false end")
        client.told(client.bind("a", "--hook", "forward"))
        flooding = self.connect()
        flooding.sock.setblocking(True)
        over = threading.Event()

        def flood():
            number = 0
            while not over.is_set():
                number += 1
                flooding.send(data(number, "a", struct.pack(">I", number)))
            flooding.next = number + 1

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            for _ in range(5):
                self.assertEqual(Probes(self.net).answered(), set(Probe.NAMES))
                self.assertEqual(len(client.states()), 1)
        finally:
            over.set()
            thread.join()
        self.assertEqual(flooding.value("a", "count"), str(flooding.next - 2))
        self.assertEqual(client.look()["receive_overruns"], 0)
        self.assert_sums(client)
