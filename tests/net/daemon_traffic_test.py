# SPDX-License-Identifier: GPL-2.0-or-later
"""States of the daemon at work on traffic, and steered meanwhile."""
import contextlib
import threading
import types

from daemon import LiveDaemonTest, MANY
from flood import FLOOD_PORT, Flooded
from live import SCRIPTS
from namespaces import ROUTER_LAN, SERVER
from peers import ECHO_PORT, GRACE_S, Echo, Probe, Probes, udp_socket

# Drops a protocol, none at first, and says how many packets it has met.
FILTER = """
count = 0
dropped = 0
function f(pkt)
  count = count + 1
  return select(2, pkt:tuple()) == dropped
end
"""
TCP, UDP = 6, 17
ALL = set(Probe.NAMES)
TCP_PROBES, UDP_PROBES = {"tcp4", "tcp6"}, {"udp4", "udp6"}
FORWARD = ("--hook", "forward", "--match", "f")
INPUT = ("--hook", "input", "--match", "f")
FLOWS = 32  # that all of them meet one replica by chance: once in 2^31
PACKETS = MANY // 2


class TrafficTest(LiveDaemonTest):
    def prepare(self):
        """What arrives at each hook is counted before any state meets it."""
        for hook in ("input", "forward"):
            self.net.router.nft(f"""table inet user {{
                counter {hook}_packets {{ }}
                chain {hook}_chain {{
                    type filter hook {hook} priority -300
                    counter name {hook}_packets
                }}
            }}""")
        self.serving(Echo(self.net.router))

    def assert_passing(self, expected, network=None):
        """These probes through the router are answered, however late; the others are not."""
        probes = {probe.name: probe for probe in Probes(network or self.net).probes}
        unanswered = {name for name in expected if not probes.pop(name).answered()}
        self.assertEqual(unanswered, set())
        self.assertEqual({name for name in probes if probes[name].answered(GRACE_S)}, set())

    def assert_passing_in(self, expected):
        """The same to the router itself."""
        there = types.SimpleNamespace(client=self.net.client, server_addresses=ROUTER_LAN)
        self.assert_passing(expected, there)

    def bind(self, state, *arguments):
        return self.client.told(self.client.bind(state, *arguments))

    def unbind(self, state, *arguments):
        return self.client.told(self.client.unbind(state, *arguments))

    def execute(self, state, chunk):
        self.client.do(self.client.execute(state, chunk))

    def refuse_to_bind(self, state, *arguments):
        return self.client.refused(self.client.bind(state, *arguments))

    def tables(self):
        return self.net.router.run("nft", "list", "tables").stdout

    def counted_before(self, state, hook):
        """What the kernel had counted at the hook when the state's first packet came."""
        while True:
            before = self.counted(name=f"{hook}_packets")
            calls = self.client.look(state)["calls"]
            # Neighbours may talk at any time: only without a packet in between both are of one moment.
            if self.counted(name=f"{hook}_packets") == before:
                return before - calls

    def assert_counts_agree(self, state, hook, earlier=0):
        """The state, its rule, its place and the kernel have counted the same packets."""
        def agree():
            rule, = [each for each in self.client.look(state)["rules"] if each["place"] == hook]
            counts = {rule["calls"], self.client.place(hook)["packets"],
                      int(self.client.value(state, "count")),
                      self.counted(name=f"{hook}_packets") - earlier}
            return len(counts) == 1
        self.wait_until("the same counts", agree)
        self.assert_sums(self.client)


class Story(TrafficTest):
    def test_two_states_at_two_hooks(self):
        client = self.client
        for state in ("way", "home"):
            client.make(state, FILTER)
        self.assertIn("at forward", self.bind("way", *FORWARD))
        self.assertIn("at input", self.bind("home", *INPUT))
        earlier = {"forward": self.counted_before("way", "forward"),
                   "input": self.counted_before("home", "input")}
        self.assert_passing(ALL)
        self.assert_passing_in(ALL)
        self.assert_counts_agree("way", "forward", earlier["forward"])
        self.assert_counts_agree("home", "input", earlier["input"])

        self.execute("way", f"dropped = {UDP}")
        self.assert_passing(ALL - UDP_PROBES)
        self.assert_passing_in(ALL)
        self.execute("home", f"dropped = {TCP}")
        self.assert_passing(ALL - UDP_PROBES)
        self.assert_passing_in(ALL - TCP_PROBES)
        self.execute("way", "dropped = 0")
        self.assert_passing(ALL)
        self.assert_counts_agree("way", "forward", earlier["forward"])

        before = self.tables()
        self.unbind("home")
        self.execute("way", f"dropped = {UDP}")
        self.assert_passing(ALL - UDP_PROBES)
        self.assert_passing_in(ALL)
        self.bind("home", *INPUT)
        self.assertEqual(self.tables(), before)
        self.assert_passing(ALL - UDP_PROBES)
        self.assert_passing_in(ALL - TCP_PROBES)
        self.assert_sums(client)

        for state in ("way", "home"):
            self.unbind(state)
            client.do(client.destroy(state))
        self.assert_passing(ALL)
        self.assert_passing_in(ALL)
        self.daemon.stop()
        self.assert_no_tables()

    def test_two_states_at_one_hook_one_after_the_other(self):
        client = self.client
        client.make("first", FILTER + f"dropped = {UDP}")
        client.make("second", "function drop() return 'drop' end")
        accept = ("--hook", "forward", "--match", "f:accept")
        drop = ("--hook", "forward", "--target", "drop")
        self.bind("first", *accept)
        self.bind("second", *drop)
        self.assert_passing(UDP_PROBES)
        first, = client.look("first")["rules"]
        second, = client.look("second")["rules"]
        self.assertEqual(second["calls"], first["calls"] - first["packets"])
        self.assertGreaterEqual(first["packets"], 2 * len(UDP_PROBES))
        self.unbind("first")
        self.bind("first", *accept)  # behind the second now
        self.assert_passing(set())
        again, = client.look("first")["rules"]
        self.assertEqual(again["calls"], 0)
        self.unbind("second", "--target", "drop")
        self.assert_passing(ALL)
        self.assert_sums(client)

    def test_one_state_at_two_hooks(self):
        client = self.client
        client.make("a", FILTER)
        self.bind("a", *FORWARD)
        self.bind("a", *INPUT)
        self.execute("a", f"dropped = {TCP}")
        self.assert_passing(ALL - TCP_PROBES)
        self.assert_passing_in(ALL - TCP_PROBES)
        rules = client.look("a")["rules"]
        self.assertEqual({rule["place"] for rule in rules}, {"forward", "input"})
        self.assertTrue(all(rule["packets"] > 0 for rule in rules))
        self.unbind("a", "--hook", "input")
        self.assert_passing(ALL - TCP_PROBES)
        self.assert_passing_in(ALL)
        self.assertIn("no rule", client.refused(client.unbind("a", "--hook", "input")))
        self.unbind("a")
        self.assert_passing(ALL)

    def test_one_family(self):
        self.client.make("a", FILTER + f"dropped = {UDP}")
        for family, dropped in (("ip", "udp4"), ("ip6", "udp6")):
            self.bind("a", "--family", family, *FORWARD)
            self.assert_passing(ALL - {dropped})
            self.unbind("a")

    def test_a_function_that_comes_later(self):
        self.client.do(self.client.create("a"))
        self.assertIn("no function 'f'", self.bind("a", *FORWARD))
        self.assert_passing(ALL)
        self.execute("a", FILTER + f"dropped = {UDP}")
        self.assert_passing(ALL - UDP_PROBES)
        self.execute("a", "f = nil")
        self.assert_passing(ALL)

    def test_a_state_that_blows_its_budget_on_packets_does_not_stop_another(self):
        client = self.client
        client.make("a", "function f() while true do end end")
        client.do(client.limits("a", instructions=1000))
        client.make("b", FILTER + f"dropped = {UDP}")
        self.bind("a", *FORWARD)
        self.bind("b", *FORWARD)
        self.assert_passing(ALL - UDP_PROBES)
        stats = client.look("a")
        self.assertEqual(stats["budget_exceeded"], stats["calls"])


class UsersQueue(TrafficTest):
    def queue(self, *options):
        for program in ("iptables-nft", "ip6tables-nft"):
            self.net.router.run(program, "-A", "FORWARD", "-j", "NFQUEUE", *options)

    def test_a_users_rule_is_served_while_states_are_bound(self):
        client = self.client
        self.queue("--queue-num", "3", "--queue-bypass")
        client.make("a", FILTER + f"dropped = {UDP}")
        client.make("b", FILTER + f"dropped = {TCP}")
        self.assert_passing(ALL)
        for _ in range(2):
            self.bind("a", "--queue", "3", "--match", "f")
            self.assert_passing(ALL - UDP_PROBES)
            self.bind("b", "--queue", "3", "--match", "f")
            self.assert_passing(ALL - UDP_PROBES - TCP_PROBES)
            self.assertIn("other options", client.refused(
                client.bind("b", "--queue", "3", "--match", "f", "--fail", "closed")))
            self.unbind("b", "--queue", "3")
            self.assert_passing(ALL - UDP_PROBES)
            self.unbind("a")
            self.assert_passing(ALL)
            self.assert_sums(client)

    def test_without_bypass_the_kernel_drops_when_nothing_is_bound(self):
        self.queue("--queue-num", "3")
        self.client.make("a", FILTER)
        self.bind("a", "--queue", "3", "--match", "f")
        self.assert_passing(ALL)
        self.unbind("a")
        self.assert_passing(set())

    def test_a_range_of_queues(self):
        self.queue("--queue-balance", "3:6")
        self.client.make("a", FILTER + f"dropped = {UDP}")
        self.bind("a", "--queue", "3-6", "--match", "f")
        self.assert_passing(ALL - UDP_PROBES)
        self.assertIn("queues 3-6", self.client.look("a")["rules"][0]["place"])
        self.assert_sums(self.client)


class Refused(TrafficTest):
    def test_what_cannot_be_bound_changes_nothing(self):
        client = self.client
        client.make("a", FILTER + f"dropped = {UDP}")
        self.bind("a", *FORWARD)
        other = self.launch(SCRIPTS / "verdicts.lua", "--queue", "5", "--target", "accept")
        other.wait_ready()
        before, tables = client.look("a")["rules"], self.tables()
        cases = (
            (("--queue", "5", "--match", "f"), "queue 5: another process"),
            (("--queue", "4-6", "--match", "f"), "queue 5: another process"),
            (("--queue", "70000", "--match", "f"), "70000"),
            (("--queue", "6-5", "--match", "f"), "6-5"),
            (("--hook", "sideways", "--match", "f"), "sideways"),
            (("--hook", "input"), "no rules"),
            (("--match", "f"), "--queue N"),
            ((), "no rules"),
            (("--match", "f", "--fail", "closed"), "--queue N"),
            (("--hook", "input", "--queue", "3", "--match", "f"), "--hook"),
            (("--hook", "input", "--match", "f:perhaps"), "perhaps"),
            (("--hook", "input", "--match", "f", "--family", "ipx"), "ipx"),
            (("--hook", "input", "--match", "f", "--priority", "late"), "late"),
            (("--hook", "input", "--match", "f", "--out-interface", "wan0"), "wan0"),
            (("--hook", "input", "--match", "f", "--filter", "no filter"), "filter"),
            (("--hook", "input", "--match", "f", "--fail", "ajar"), "ajar"),
            (("--hook", "input", "--match", "f", "--workers", "2"), "workers"),
            (("--hook", "input", "--match", "f" * 64), "f" * 64),
            (("--hook", "input", "--match"), "--match"),
            (("--hook", "input", "--match", "f", "--strange"), "--strange"),
            (("--hook", "input", "--match", "f", ""), ""),
            (("--help",), "--help"),
            (("--hook", b"\xff\x1b", "--match", "f"), "--hook"),
        )
        for arguments, why in cases:
            with self.subTest(arguments):
                self.assertIn(why, self.refuse_to_bind("a", *arguments))
                self.assertEqual(client.look("a")["rules"], before)
        self.assertIn("no such state", self.refuse_to_bind("none", *FORWARD))
        self.assertEqual(self.tables(), tables)
        self.assertEqual(len(client.look()["places"]), 1)
        self.assert_passing(ALL - UDP_PROBES)
        other.stop()
        self.bind("a", "--queue", "5", "--match", "f")

    def test_what_cannot_be_unbound_changes_nothing(self):
        client = self.client
        client.make("a", FILTER + f"dropped = {UDP}")
        client.make("b", FILTER)
        self.bind("a", *FORWARD)
        for state, arguments, why in (
                ("b", (), "no rule"), ("none", (), "no such state"),
                ("a", ("--hook", "input"), "no rule"), ("a", ("--queue", "20000"), "no rule"),
                ("a", ("--match", "g"), "no rule"), ("a", ("--target", "f"), "no rule"),
                ("a", ("--hook", "sideways"), "sideways"), ("a", ("--strange",), "--strange"),
                ("a", ("--hook", "forward", "--queue", "3"), "--queue")):
            with self.subTest((state, *arguments)):
                self.assertIn(why, client.refused(client.unbind(state, *arguments)))
        self.assert_passing(ALL - UDP_PROBES)

    def test_places_up_to_the_bound_and_one_more(self):
        client = self.client
        client.make("a", FILTER)
        quick = ("--match", "f", "--notrack")  # no nft table
        for queue in range(100, 163):
            self.bind("a", "--queue", str(queue), *quick)
        self.bind("a", *INPUT)
        self.assertIn("64 places", self.refuse_to_bind("a", *FORWARD))
        self.bind("a", *INPUT)  # one that is there
        self.assert_passing_in(ALL)
        self.assertEqual(self.unbind("a"), "a: 65 rules unbound")
        self.bind("a", *FORWARD)  # only chains stay, which the others have none of
        self.assert_sums(client)

    def test_a_chain_serves_one_filter_after_another(self):
        client = self.client
        client.make("a", FILTER + f"dropped = {UDP}")
        for port in range(70):  # more than there may be places
            self.bind("a", *FORWARD, "--filter", f"udp port {port}")
            self.unbind("a")
        self.assertEqual(self.tables().count("nflua_"), 1)
        self.bind("a", *FORWARD, "--filter", "ip6")
        self.assert_passing(ALL - {"udp6"})

    def test_a_refused_bind_leaves_the_guard_of_our_queues(self):
        client = self.client
        client.make("a", "function f() return 'queue', 20000 end")
        self.assertIn("queue 20000", self.bind("a", "--hook", "forward", "--target", "f"))
        self.assertIn("this nflua serves", self.refuse_to_bind("a", "--queue", "20000", "--target", "f"))
        self.assert_passing(ALL)
        self.assertGreater(client.look("a")["errors"], 0)


class Replicas(TrafficTest):
    options = ("--workers", "2")

    def prepare(self):
        super().prepare()
        self.net.client.ip(*[line for n in range(FLOWS) for line in (
            f"addr add 10.77.1.{100 + n}/24 dev eth0", f"addr add fd77:1::{100 + n}/64 dev eth0")])

    def told_by_each(self, expression):
        """What it is in each replica, in order."""
        client = self.client
        self.execute("a", f"netlink.send({client.port}, 0, worker .. ' ' .. {expression})")
        messages = [client.data.popleft() for _ in range(2)]
        return [text.split(" ", 1)[1]
                for text in sorted(one.body[68:].decode() for one in messages)]

    def talk(self):
        for n in range(FLOWS):
            for family, source in ((4, f"10.77.1.{100 + n}"), (6, f"fd77:1::{100 + n}")):
                with udp_socket(self.net.client, family, address=source) as talker:
                    talker.sendto(b"hello", (SERVER[family], ECHO_PORT))
                    self.assertEqual(talker.recv(16), b"hello")

    def test_chunks_and_data_reach_both_and_both_meet_packets(self):
        client = self.client
        client.make("a", FILTER + """
            word = '-'
            function __receive_callback(_, message) word = tostring(message) end""")
        self.bind("a", *FORWARD)
        self.assertEqual(self.told_by_each("word"), ["-", "-"])
        client.send(client.data_to("a", b"hello"))
        self.assertEqual(self.told_by_each("word"), ["hello", "hello"])
        self.talk()
        counts = [int(count) for count in self.told_by_each("count")]
        self.assertGreater(min(counts), 0)
        self.assertEqual(sum(counts), 4 * FLOWS)
        self.assertEqual(client.place("forward")["packets"], sum(counts))
        self.assertEqual(client.look("a")["rules"][0]["calls"], sum(counts))
        client.do(client.reload("a", FILTER + f"dropped = {UDP}"))
        self.assert_passing(ALL - UDP_PROBES)
        self.assert_sums(client)


class Flood(LiveDaemonTest, Flooded):
    """Nothing is lost but what the kernel says that it dropped."""

    FLOODED = ("--hook", "forward", "--filter", f"udp port {FLOOD_PORT}", "--target", "f")
    COUNT = """
        count = 0
        function f() count = count + 1 return 'accept' end
        function on_unload() return {count = count} end
        function on_reload(old) count = old.count end
    """

    @contextlib.contextmanager
    def flooding(self):
        """Its body runs again and again, at least once, while packets come."""
        thread = threading.Thread(target=self.flood, args=(PACKETS,))
        thread.start()
        try:
            yield thread.is_alive
        finally:
            thread.join()
        self.wait_until("empty queues", lambda: self.waiting() == 0)

    def lost(self):
        return sum(place[name] for place in self.client.look()["places"]
                   for name in ("dropped_queue_full", "dropped_socket_full"))

    def assert_accounted(self):
        arrived = self.counted(name="arrived")
        self.assertGreaterEqual(arrived, PACKETS)
        self.assertEqual(arrived, self.counted(name="left") + self.lost())
        self.assert_sums(self.client)

    def test_reload_takes_data_over_and_a_broken_one_leaves_the_old_state(self):
        client = self.client
        client.make("a", self.COUNT)
        client.told(client.bind("a", *self.FLOODED))
        times = 0
        with self.flooding() as is_on:
            while is_on() or times == 0:
                client.do(client.reload("a", self.COUNT))
                client.refused(client.reload("a", self.COUNT + "error('broken')"))
                client.refused(client.reload("a", self.COUNT.replace("old.count", "old.no.count")))
                times += 1
        self.assert_accounted()
        place = client.place("forward")
        self.assertEqual(int(client.value("a", "count")), place["packets"])
        self.assertEqual(place["verdicts"], {"accept": place["packets"]})
        self.assertEqual(client.look("a")["rules"][0]["calls"], place["packets"])

    def test_another_state_is_bound_and_unbound_beside_it(self):
        client = self.client
        client.make("a", self.COUNT)
        client.make("b", "function f() return 'accept' end function g() return false end")
        client.told(client.bind("a", *self.FLOODED))
        place = ("--hook", "input", "--match", "g")
        client.told(client.bind("b", *place))
        tables = self.net.router.run("nft", "list", "tables").stdout
        times = 0
        with self.flooding() as is_on:
            while is_on() or times == 0:
                client.told(client.unbind("b"))
                client.told(client.bind("b", *place))
                client.told(client.bind("b", *self.FLOODED[:4], "--match", "g"))  # beside a
                client.do(client.execute("b", "x = (x or 0) + 1"))
                times += 1
        self.assert_accounted()
        self.assertEqual(self.net.router.run("nft", "list", "tables").stdout, tables)
        self.assertEqual(client.value("b", "x"), str(times))
        self.assertEqual(int(client.value("a", "count")), client.place("forward")["packets"])

    def test_its_own_state_is_bound_and_unbound(self):
        """What waits when the last rule goes has a fate too: it passes by --fail."""
        client = self.client
        client.make("a", self.COUNT)
        times = 0
        with self.flooding() as is_on:
            while is_on() or times == 0:
                client.told(client.bind("a", *self.FLOODED))
                client.told(client.unbind("a"))
                times += 1
        self.assert_accounted()
        place = client.place("forward")
        self.assertEqual(int(client.value("a", "count")), place["packets"] - place["drained"])
