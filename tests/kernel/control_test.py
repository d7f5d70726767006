# SPDX-License-Identifier: GPL-2.0-or-later
"""The module as a server of docs/protocol.md: all that the daemon is held to by the same tests, and
what differs there. Needs xt_lua to be loaded, root, and in NFLUA the command."""
import errno
import json
import pathlib
import random
import resource
import socket
import struct
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "net"))
# Modules, not their classes, which would be run as tests of a daemon here.
import daemon_clients_test as of_clients  # noqa: E402 its folder is known only now
import daemon_data_test as of_data  # noqa: E402
from daemon import AS_STRANGER, Client, LOOP, Steered, sent_by  # noqa: E402
from handmade import (CREATE, DATA, DESTROY, DONE, EVALUATE, EXECUTE, INIT, LIST,  # noqa: E402
                      MAX_DATA_BYTES, MODULE_PORT, NFLUA as FAMILY, RELOAD, REQUEST, create,
                      data_of, error_text, first_fragment, limits, list_states, message, read,
                      rows_of, script, text_of)
from live import EXAMPLES, NFLUA, Nflua  # noqa: E402
from namespaces import Namespace  # noqa: E402

PARAMETERS = pathlib.Path("/sys/module/xt_lua/parameters")
SEEDS = HERE.parent / "fuzz" / "seeds" / "control"
MAX_HALF_SENT = 64
MAX_CLIENTS = 4096
# More instructions than anything here takes.
PLENTY = 1 << 40

WITHOUT_ADMIN = ["setpriv", "--inh-caps", "-net_admin", "--bounding-set", "-net_admin"]
# root of a user namespace that does not own the network namespace.
ROOT_OF_ELSEWHERE = [*AS_STRANGER, "unshare", "--user", "--map-root-user"]


def parameter(name):
    return int((PARAMETERS / name).read_text())


def setUpModule():
    if not PARAMETERS.exists():
        raise unittest.SkipTest("xt_lua is not loaded")


class Module(Steered):
    """Of a test: each one has a network namespace, and so states, of its own."""

    family = FAMILY

    def setUp(self):
        self.home = Namespace()
        self.addCleanup(self.home.close)
        self.client = self.connect()
        self.client.sock.setblocking(True)

    def connect(self, namespace=None, **options):
        client = Client(namespace or self.home, server=MODULE_PORT, family=FAMILY, **options)
        self.addCleanup(client.close)
        return client


class ModuleTest(Module, unittest.TestCase):
    pass


# What the daemon is held to.

class Malformed(Module, of_clients.Malformed):
    pass


class Numbers(Module, of_clients.Numbers):
    pass


class Bounds(Module, of_clients.Bounds):
    def setUp(self):
        super().setUp()
        self.default_max_bytes = parameter("max_bytes")


class Printed(Module, of_clients.Printed):
    def test_what_others_print_while_a_long_chunk_pauses(self):
        # The old VM's timer runs while the new one loads.
        self.client.make("a", "local function tick() print('tick') timer.create(1, tick) end tick()")
        self.client.do(self.client.limits("a", load_instructions=PLENTY))
        self.client.do(self.client.reload("a", "for i = 1, 3e7 do end print('loaded')"))
        self.assertEqual(self.client.printed(), "loaded\n")


class Clients(Module, of_clients.Clients):
    def test_one_that_vanishes_in_mid_command(self):
        self.client.make("a", "x = 1")
        gone = self.connect()
        gone.send(script(1, "a", "x = 2", room=3)[0])
        self.assertEqual(self.client.look()["clients"], 2)
        gone.close()
        self.assertEqual(self.client.look()["clients"], 1)
        heir = self.connect(port=gone.port, number=50)
        self.assertEqual(heir.value("a", "x"), "1")
        self.assertEqual(self.client.look()["malformed"], 0)

    # It can't: it has its answer before its system call returns.
    test_one_that_vanishes_before_its_answer_is_forgotten = None

    def test_one_that_reads_nothing_harms_nobody(self):
        super().test_one_that_reads_nothing_harms_nobody()
        self.assertEqual(self.client.look()["clients"], 1)  # its number was forgotten

    def test_another_user_is_refused_and_counted(self):
        self.client.make("a", "x = 1 function __receive_callback() x = 2 end")
        messages = [create(3, "b"), list_states(4), *script(5, "a", "x = 3"),
                    first_fragment(6, "a", b"x", 2), error_text(8), list_states(1)]
        askers = [AS_STRANGER, WITHOUT_ADMIN, ROOT_OF_ELSEWHERE]
        for asker in askers:
            errors = sent_by(self.home, asker, MODULE_PORT, *messages, family=FAMILY)
            self.assertEqual([error.number for error in errors], [3, 4, 5, 6, 8, 1])
            self.assertTrue(all(error.is_error for error in errors))
        self.assertEqual([name for name, *_ in self.client.states()], ["a"])
        self.assertEqual(self.client.value("a", "x"), "1")
        stats = self.client.look()
        self.assertEqual(stats["refused_senders"], len(askers) * len(messages))
        self.assertEqual(stats["clients"], 1)


class ToState(Module, of_data.ToState):
    def test_a_state_is_destroyed_behind_its_data(self):
        client = self.client
        client.make("a", f"function __receive_callback(p) netlink.send({client.port}, 0, '') end")
        for _ in range(10):
            client.send(client.data_to("a", b"x"))
        client.do(client.destroy("a"))
        self.assertEqual([one.number for one in client.data], list(range(1, 11)))

    def test_the_script_writes_into_a_message(self):
        client = self.client
        client.make("a", """
            function __receive_callback(_, m) m:pack("B", 1, 255) text = m:tostring() end""")
        client.send(client.data_to("a", b"xyz"))
        self.assertEqual(client.value("a", "text:byte(1, -1)"), "255\t121\t122")


class FromState(Module, of_data.FromState):
    def test_a_reader_that_is_slow_costs_the_script_an_error_and_nothing_waits(self):
        client, slow = self.client, self.connect()
        slow.sock.setblocking(True)
        client.make("a", of_data.SEND)
        total = 0
        while client.look("a")["datagram_failures"] == 0:
            slow.send(slow.data_to("a", struct.pack(">II", of_data.BATCH, 0)))
            total += of_data.BATCH
        self.assertIn("EAGAIN", client.value("a", "why"))
        sent, failed = map(int, client.value("a", "sent, failed").split())
        stats = client.look("a")
        self.assertEqual((stats["datagrams"], stats["datagram_failures"]), (sent, failed))
        self.assertEqual((sent + failed, stats["errors"]), (total, 0))
        with self.assertRaises(OSError) as lost:  # a socket of the kernel's tells so
            slow.receive()
        self.assertEqual(lost.exception.errno, errno.ENOBUFS)
        numbers = [slow.receive().number for _ in range(sent)]
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_only_who_may_joins_a_group(self):
        program = """
import socket
made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 31)
try: made.bind((0, 1))
except PermissionError: print("no")
"""
        done = self.home.run(*AS_STRANGER, "/usr/bin/python3", "-c", program)
        self.assertEqual(done.stdout, "no\n")

    def test_all_groups_and_a_port_at_once(self):
        listeners = [self.listener(group) for group in (1, 17, 32)]
        self.client.make("a", f"netlink.send({self.client.port}, 0xFFFFFFFF, 'x')")
        self.assertEqual(data_of(self.client.data.popleft()), ("a", b"x"))
        for group, listener in zip((1, 17, 32), listeners):
            datagram, address = listener.recvfrom(4096)
            self.assertEqual(address, (MODULE_PORT, 1 << (group - 1)))
            self.assertEqual(data_of(read(datagram)), ("a", b"x"))

    def test_a_state_that_sends_to_the_module_itself_harms_nobody(self):
        self.client.do(self.client.create("a"))
        self.assertEqual(self.client.value("a", "netlink.send(0, 0, 'x')"), "1")

    test_a_state_that_sends_to_the_daemon_itself_harms_nobody = None  # the one above


# What is the module's own.

class OldClients(ModuleTest):
    """Types 16 to 20, byte by byte as clients of the original NFLua write and read them."""

    def exchange(self, sent):
        self.client.send(sent)
        return self.client.sock.recv(65536)

    def header(self, size, kind, flags, number):
        return struct.pack("=IHHII", size, kind, flags, number, 0)

    def test_a_whole_conversation(self):
        name = b"dns".ljust(64, b"\0")
        state = name + struct.pack("=II", 40000, 0)
        self.assertEqual(self.exchange(self.header(88, CREATE, REQUEST, 1) + state),
                         self.header(16, CREATE, DONE, 1))

        chunk = b"function __receive_callback(p, m) netlink.send(p, 0, m:tostring():upper()) end"
        body = struct.pack("=I", len(chunk)) + name + bytes(256) + struct.pack("=II", 0, 0) + chunk
        execute = self.header(16 + len(body), EXECUTE, REQUEST | INIT | DONE, 2) + body
        self.assertEqual(self.exchange(execute), self.header(16, EXECUTE, DONE, 2))

        datagram = self.header(16 + 68 + 2, DATA, REQUEST | DONE, 3)
        datagram += struct.pack("=I", 2) + name + b"hi"
        answer = self.header(86, DATA, REQUEST | DONE, 1) + struct.pack("=I", 2) + name + b"HI"
        self.assertEqual(self.exchange(datagram), answer)
        # Their libraries may round a length up.
        padded = datagram[:8] + struct.pack("=I", 4) + datagram[12:] + b"\0\0"
        self.assertEqual(self.exchange(padded), answer[:8] + struct.pack("=I", 2) + answer[12:])

        listed = self.exchange(self.header(16, LIST, REQUEST, 5))
        self.assertEqual(listed[:16], self.header(100, LIST, INIT | DONE, 5))
        self.assertEqual(struct.unpack_from("=III", listed, 16), (1, 0, 0))
        self.assertEqual(listed[28:96], name + struct.pack("=I", 40000))

        self.assertEqual(self.exchange(self.header(80, DESTROY, REQUEST, 6) + name),
                         self.header(16, DESTROY, DONE, 6))
        self.assertEqual(self.exchange(self.header(80, DESTROY, REQUEST, 7) + name),
                         self.header(16, 2, 0, 7))


class Commands(ModuleTest):
    def test_why_a_command_failed(self):
        client = self.client
        client.do(client.create("a"))
        missing = "none: there is no such state; create it first"
        for command in (client.destroy, client.stats, client.limits):
            self.assertEqual(client.refused(command("none")), missing)
        for kind in (EXECUTE, RELOAD, EVALUATE):
            self.assertEqual(client.refused(script(client.number(), "none", "x", kind)), missing)
            self.assertIn("chunk:1:", client.refused(script(client.number(), "a", "x x", kind)))
        self.assertEqual(client.refused(client.create("a")), "a: this state exists already")
        self.assertEqual(client.error(), "a: this state exists already")
        client.do(client.limits("a"))
        self.assertEqual(client.error(), "")

    def test_good_data_keeps_the_error_of_data_before(self):
        client = self.client
        client.make("a", "function __receive_callback(_, m) assert(#m > 1, 'short') end")
        client.send(client.data_to("a", b"x"), client.data_to("a", b"xx"))
        self.assertTrue(client.receive().is_error)
        self.assertIn("short", client.error())

    def test_rules_are_iptables_business(self):
        client = self.client
        self.assertIn("iptables -A FORWARD -m lua --state a --function match",
                      client.refused(client.bind("a", "--hook", "forward")))
        self.assertIn("iptables -D FORWARD", client.refused(client.unbind("a")))

    def test_limits(self):
        client = self.client
        client.do(client.create("a"))
        before = client.look("a")["limits"]
        client.do(client.limits("a", timers=7, instructions=PLENTY))
        after = client.look("a")["limits"]
        self.assertEqual(after, {**before, "max_timers": 7, "max_instructions": PLENTY})

    def test_reload_keeps_what_is_handed_over(self):
        client = self.client
        client.make("a", "x = 1 function on_unload() return {x} end")
        client.do(client.reload("a", "function on_reload(old) y = old[1] + 1 end"))
        self.assertEqual(client.value("a", "x, y"), "nil\t2")
        client.refused(client.reload("a", "error('no')"))
        self.assertEqual(client.value("a", "y"), "2")

    def test_the_longest_text_is_cut(self):
        client = self.client
        client.do(client.create("a"))
        self.assertEqual(client.value("a", "('x'):rep(4096)"), "x" * 4096)
        self.assertEqual(client.value("a", "('x'):rep(5000)"), "x" * 4093 + "...")

    def test_statistics_are_json_whatever_the_name(self):
        client = self.client
        names = {b'quote " backslash \\': 'quote " backslash \\', b"\x01\n\x7f": "\x01\n\x7f",
                 "\u00e4\u20ac\U0001f600".encode(): "\u00e4\u20ac\U0001f600",
                 b"\xff\xc3": "\ufffd\ufffd", b"\xed\xa0\x80": "\ufffd" * 3,
                 b"\xc0\xaf": "\ufffd" * 2, b"\x01" * 63: "\x01" * 63, b"%s%n%d": "%s%n%d"}
        for name, shown in names.items():
            with self.subTest(name):
                client.do(client.create(name))
                self.assertEqual(client.look(name)["state"], shown)
                client.do(client.destroy(name))
        self.assertEqual(client.look()["failed"], 0)

    def test_what_statistics_tell(self):
        client = self.client
        client.make("a", """
            function __receive_callback(_, m) if #m == 0 then error("empty") end end
            t = timer.create(1000000, print)""")
        client.send(client.data_to("a", b"x"), client.data_to("a", b""))
        self.assertTrue(client.receive().is_error)
        stats = client.look("a")
        self.assertEqual((stats["state"], stats["calls"], stats["errors"]), ("a", 2, 1))
        self.assertEqual((stats["timers_armed"], stats["busy"], stats["iptables_rules"]), (1, 0, 0))
        self.assertGreater(stats["bytes_used"], 10000)
        server = client.look()
        self.assertEqual((server["port"], server["states"], server["clients"]), (0, 1, 1))
        self.assertEqual((server["commands"], server["data"], server["failed"]), (6, 2, 1))


class Namespaces(ModuleTest):
    def test_each_has_its_own_states_and_numbers(self):
        there = Namespace()
        self.addCleanup(there.close)
        other = self.connect(there, number=70)
        self.client.make("a", "x = 1")
        other.make("a", "x = 2")
        self.assertEqual((self.client.value("a", "x"), other.value("a", "x")), ("1", "2"))
        other.do(other.destroy("a"))
        self.assertEqual((len(self.client.states()), other.states()), (1, []))

    def test_data_stays_inside(self):
        there = Namespace()
        self.addCleanup(there.close)
        outside = self.connect(there, port=self.client.port)
        outside.sock.bind((outside.port, 1))
        self.client.make("a", f"netlink.send({self.client.port}, 1, 'x')")
        self.assertEqual(len(self.client.data), 1)
        self.assertEqual(outside.states(), [])  # nothing came before it
        self.assertEqual(len(outside.data), 0)

    def test_what_is_open_goes_with_it(self):
        for _ in range(20):
            there = Namespace()
            client = self.connect(there)
            client.make("a", "timer.create(1, function() netlink.send(0, 1, 'x') end)")
            client.send(script(client.number(), "a", "x = 1", room=3)[0])
            client.close()
            there.close()

    def test_root_of_a_namespace_of_his_own_is_served(self):
        ours = [*AS_STRANGER, "unshare", "--user", "--map-root-user", "--net"]
        done, listed = sent_by(self.home, ours, MODULE_PORT, create(1, "a"), list_states(2),
                               family=FAMILY)
        self.assertTrue(done.is_done)
        self.assertEqual([name for name, *_ in rows_of([listed])], ["a"])
        self.assertEqual(self.client.states(), [])

    def test_but_he_has_the_modules_own_bounds(self):
        ours = [*AS_STRANGER, "unshare", "--user", "--map-root-user", "--net"]
        most = parameter("max_user_bytes")
        replies = sent_by(self.home, ours, MODULE_PORT, create(1, "a", most), create(2, "b"),
                          limits(3, "a", timers=1), limits(4, "a", instructions=PLENTY),
                          error_text(5), family=FAMILY)
        self.assertEqual([one.is_error for one in replies], [False, True, False, True, False])
        self.assertIn("/sys/module/xt_lua/parameters", text_of(replies[-1:]))


class Closing(ModuleTest):
    def test_what_was_half_sent_goes_with_its_socket(self):
        self.client.do(self.client.create("a"))
        for _ in range(2):
            halves = [self.connect() for _ in range(MAX_HALF_SENT)]
            for half in halves:
                half.send(script(1, "a", "x = 1", room=3)[0])
            late = self.connect()
            self.assertIn("half sent", late.refused(script(late.number(), "a", "x = 1", room=3)))
            for half in halves:
                half.close()
            late.do(script(late.number(), "a", "x = 1", room=3))

    def test_of_too_many_clients_the_most_silent_one_is_forgotten(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (2 * MAX_CLIENTS, 2 * MAX_CLIENTS))
        silent = self.connect()
        silent.states()
        others = [self.connect() for _ in range(MAX_CLIENTS - 1)]
        for other in others:
            other.states()
            if other.port % 64 == 0:
                self.client.states()
        self.assertEqual(self.client.look()["clients"], MAX_CLIENTS)
        silent.next = 1000
        self.assertEqual(silent.states(), [])
        self.assertEqual(self.client.look()["malformed"], 0)


class AtTheSameTime(ModuleTest):
    def in_threads(self, count, work):
        failures = []

        def run(number):
            try:
                work(number)
            except BaseException as failure:  # pylint: disable=broad-except  told below
                failures.append(failure)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_states_come_and_go(self):
        def work(number):
            client = self.connect()
            name = str(number % 3)
            for _ in range(30):
                client.ask(client.create(name))
                client.ask(client.execute(name, "x = (x or 0) + 1" + " " * 5000))
                client.ask(client.stats(name))
                client.states()
                client.ask(client.reload(name, "y = 1"))
                client.ask(client.destroy(name))

        self.in_threads(6, work)
        self.assertEqual(self.client.states(), [])

    def test_all_count_in_one_state(self):
        self.client.make("a", "n = 0 function __receive_callback() n = n + 1 end")
        rounds, count = 200, 4

        def work(_):
            client = self.connect()
            client.sock.setblocking(True)
            for _ in range(rounds):
                client.send(client.data_to("a", b"x"))
                client.do(client.execute("a", "n = n + 1"))

        self.in_threads(count, work)
        self.assertEqual(self.client.value("a", "n"), str(2 * rounds * count))

    def start_loop(self, client):
        """Runs a loop in the state "slow", for seconds, and returns when it has begun."""
        seer = self.connect()
        client.do(client.create("slow"), client.limits("slow", load_instructions=200_000_000))
        client.sock.setblocking(True)
        chunk = f"netlink.send({seer.port}, 0, '') {LOOP}"
        running = threading.Thread(target=client.send, args=client.execute("slow", chunk))
        running.start()
        self.addCleanup(running.join)
        self.assertEqual(seer.receive().kind, DATA)
        return running

    def test_a_long_command_makes_only_its_state_wait(self):
        client, busy = self.client, self.connect()
        running = self.start_loop(busy)
        client.make("a", "x = 42")
        self.assertEqual(client.value("a", "x"), "42")
        self.assertEqual(len(client.states()), 2)
        self.assertTrue(running.is_alive())
        running.join()
        self.assertTrue(busy.reply(busy.next - 1)[0].is_error)
        self.assertIn("instruction budget", busy.error())

    def test_of_two_threads_on_one_socket_none_waits(self):
        client = self.client
        running = self.start_loop(client)
        long = client.next - 1
        self.assertEqual(len(client.states()), 1)
        self.assertTrue(running.is_alive())
        running.join()
        self.assertTrue(client.reply(long)[0].is_error)

    def test_a_client_is_killed_in_mid_command(self):
        self.client.do(self.client.create("a"),
                       self.client.limits("a", load_instructions=20_000_000))
        running = self.home.start(NFLUA, "execute", "--kernel", "a", "-e", f"started = 1 {LOOP}")
        self.wait_until("it runs", lambda: self.client.value("a", "started") == "1")
        running.kill()
        running.wait()
        self.assertEqual(self.client.value("a", "started"), "1")


class Hostile(ModuleTest):
    """Whatever comes, at most one answer for each message, and the module goes on."""

    def deliver(self, steps):
        """`steps`: (which of four clients, bytes)."""
        clients = [self.connect() for _ in range(4)]
        for which, datagram in steps:
            client = clients[which]
            if not datagram:
                continue
            client.sock.sendto(datagram, (MODULE_PORT, 0))
            try:
                while client.sock.recv(65536, socket.MSG_DONTWAIT):
                    pass
            except BlockingIOError:
                pass
        for client in clients:
            client.close()
        self.assertEqual(self.client.look()["clients"], 1)
        for name, *_ in self.client.states():
            self.client.do(self.client.destroy(name))

    @staticmethod
    def steps_of(seed):
        """As tests/fuzz/control_fuzzer.cpp reads it, without time."""
        at = 0
        while at < len(seed):
            step, at = seed[at], at + 1
            at += 1 if step & 8 else 0
            if step & 4:
                size = int.from_bytes(seed[at:at + 2], "big")
                yield step & 3, seed[at + 2:at + 2 + size]
                at += 2 + size
            else:
                kind, flags, number = seed[at:at + 3]
                size = int.from_bytes(seed[at + 3:at + 5], "big")
                yield step & 3, message(kind, flags, number, seed[at + 5:at + 5 + size])
                at += 5 + size

    def test_the_seeds_of_the_fuzzer(self):
        seeds = sorted(SEEDS.iterdir())
        self.assertGreater(len(seeds), 5)
        for seed in seeds:
            with self.subTest(seed.name):
                self.deliver(self.steps_of(seed.read_bytes()))

    def test_seeds_with_bytes_changed(self):
        chance = random.Random(1)
        for seed in sorted(SEEDS.iterdir()):
            steps = list(self.steps_of(seed.read_bytes()))
            for _ in range(20):
                self.deliver([(which, self.changed(chance, one)) for which, one in steps])

    @staticmethod
    def changed(chance, datagram):
        changed = bytearray(datagram)
        for _ in range(chance.choice((0, 1, 1, 3))):
            if changed:
                # As a rule in the headers, where it matters.
                place = min(int(chance.expovariate(1 / 40)), len(changed) - 1)
                changed[place] = chance.choice((0, 1, 2, 0x7f, 0x80, 0xff))
        if chance.random() < 0.1:
            del changed[chance.randrange(len(changed) + 1):]
        return bytes(changed)

    def test_every_length_that_lies(self):
        whole = create(1, "a")
        for size in [*range(1, len(whole)), 200, 4096, 4097, 65535, 100_000]:
            datagram = whole[:size].ljust(size, b"\xff")
            for said in (0, 1, 15, 16, 17, size - 1, size, size + 1, 0x7fffffff, 0xfffffffe,
                         0xffffffff):
                client = self.connect()
                client.send(struct.pack("=I", said & 0xffffffff)[:size] + datagram[4:])
                client.close()
        self.assertEqual(self.client.states(), [])

    def test_a_megabyte_is_the_senders_problem(self):
        with self.assertRaises(OSError) as refused:
            self.client.send(bytes(1 << 20))
        self.assertEqual(refused.exception.errno, errno.EMSGSIZE)
        self.assertEqual(self.client.states(), [])


class ByCommand(ModuleTest):
    def steer(self, command, *arguments, status=0, **options):
        done = self.home.run(NFLUA, command, "--kernel", *arguments, check=False, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout + done.stderr

    def test_a_block_list_is_fed_and_followed(self):
        self.steer("create", "blocker", "--maxalloc", "500000", "--max-timers", "3")
        self.steer("execute", "blocker", EXAMPLES / "block_list.lua")
        self.steer("execute", "blocker", "-e", """
            local receive = __receive_callback
            function __receive_callback(port, m) receive(port, m) netlink.send(0, 1, "fed") end""")
        listener = Nflua(self.home, "receive", "--kernel", "--groups", "1", "--count", "2")
        self.addCleanup(listener.end)
        listener.wait_said("receiving at port")
        self.steer("send", "blocker", "add 192.0.2.7")
        self.steer("send", "blocker", "-", "--lines", input="add 2001:db8::7\n")
        self.assertEqual(listener.wait(), 0)
        self.assertEqual(listener.stdout.text(), "blocker: fed\nblocker: fed")
        self.assertIn("nonsense", self.steer("send", "blocker", "add nonsense", status=1))
        self.steer("reload", "blocker", EXAMPLES / "block_list.lua")
        self.assertEqual(json.loads(self.steer("list", "--json"))["maxalloc"], 500000)
        self.assertEqual(json.loads(self.steer("stats", "--json", "blocker"))["limits"]["max_timers"],
                         3)
        self.assertIn("busy", self.steer("stats", "blocker"))
        self.assertIn("refused senders", self.steer("stats"))
        self.assertEqual(self.steer("repl", "blocker", input="1 + 1\n").split(), ["2"])
        self.steer("destroy", "blocker")
        self.assertEqual(self.steer("list", "--json"), "")

    def test_bind_says_what_to_do(self):
        for arguments in (["bind", "a"], ["bind", "a", "--hook", "forward"]):
            self.assertIn("iptables -A FORWARD -m lua --state a", self.steer(*arguments, status=1))
        self.assertIn("iptables -D", self.steer("unbind", "a", status=1))

    def test_the_longest_data(self):
        self.steer("create", "a")
        self.steer("execute", "a", "-e", "function __receive_callback(_, m) size = #m end")
        self.steer("send", "a", "x" * MAX_DATA_BYTES)
        self.assertEqual(self.steer("repl", "a", input="size\n").strip(), str(MAX_DATA_BYTES))
        self.steer("send", "a", "x" * (MAX_DATA_BYTES + 1), status=2)

    def test_another_user(self):
        done = self.home.run(*AS_STRANGER, NFLUA, "list", "--kernel", check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("CAP_NET_ADMIN", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
