# SPDX-License-Identifier: GPL-2.0-or-later
"""What lets packets past the rest of a hook, in front of a stateful firewall and masquerading: the
connection stays one for both."""
from live import LiveTest
from namespaces import ROUTER_LAN, ROUTER_WAN, SERVER
from peers import ECHO_PORT, Echo, Probe

HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
# What lets through, each with the script that does it.
WAYS = {
    "the verdict stop": ("verdicts.lua", "--target", "stop"),
    "a match with stop": ("verdicts.lua", "--match", "yes:stop"),
    "send() by a timer": ("hold.lua", "--target", "delay_all"),
}
# Only what begins inside may come back. Neighbours must be found, whatever the state.
FIREWALL = """table inet firewall {
    chain in {
        type filter hook input priority 20; policy drop
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        ct state established,related accept
        iifname lan0 accept
    }
    chain through {
        type filter hook forward priority 20; policy drop
        ct state established,related accept
        iifname lan0 oifname wan0 accept
    }
}"""


class Stateful(LiveTest):
    def setUp(self):
        super().setUp()
        self.net.router.sysctl("ipv4/ping_group_range", "0 0")
        self.at_router = self.serving(Echo(self.net.router))
        self.net.router.nft(FIREWALL)
        self.net.masquerade()

    def assert_answered(self, namespace, addresses):
        probes = [Probe(namespace, name, addresses, ECHO_PORT) for name in Probe.NAMES]
        answered = {probe.name for probe in probes if probe.answered()}
        self.assertEqual(answered, set(Probe.NAMES))

    def assert_tracked(self, destination):
        """Each kind of probe to it is a connection that has seen an answer."""
        for family, name in ((4, "ipv4"), (6, "ipv6")):
            listed = self.net.router.run("conntrack", "-L", "-f", name).stdout.splitlines()
            ours = [line for line in listed if f" dst={destination[family]} " in line]
            self.assertGreaterEqual(len(ours), 3, listed)
            self.assertFalse([line for line in ours if "UNREPLIED" in line], ours)

    def assert_connections_work(self):
        """Through the router, to it, and from it."""
        self.echo.peers.clear()
        self.assert_answered(self.net.client, SERVER)
        self.assert_tracked(SERVER)
        self.assertEqual(self.echo.peers, set(ROUTER_WAN.values()))
        self.assert_answered(self.net.client, ROUTER_LAN)
        self.assert_tracked(ROUTER_LAN)
        self.net.router.run("conntrack", "-F")
        self.assert_answered(self.net.router, SERVER)
        self.assert_tracked(SERVER)

    def assert_way_works(self, way):
        script, *rules = WAYS[way]
        for hook in HOOKS:
            with self.subTest(hook):
                self.net.router.run("conntrack", "-F")
                running = self.nflua(script, "--hook", hook, *rules)
                self.assert_connections_work()
                verdicts = running.stop().verdicts()
                self.assertGreater(verdicts["stop"] + verdicts["sent"], 0)
                self.assertEqual(set(verdicts) - {"stop", "stolen", "sent"}, set())

    def test_the_verdict_stop(self):
        self.assert_way_works("the verdict stop")

    def test_a_match_with_stop(self):
        self.assert_way_works("a match with stop")

    def test_a_held_packet_that_a_timer_sends(self):
        self.assert_way_works("send() by a timer")

    def test_rules_of_the_users_own_tell_their_hook_with_each_packet(self):
        for chain in ("INPUT", "POSTROUTING"):
            for tool in ("iptables-nft", "ip6tables-nft"):
                self.net.router.run(tool, "-t", "mangle", "-A", chain, "-j", "NFQUEUE",
                                    "--queue-num", "3")
        for way, (script, *rules) in WAYS.items():
            with self.subTest(way):
                self.net.router.run("conntrack", "-F")
                running = self.nflua(script, "--queue", "3", *rules)
                self.assert_connections_work()
                running.stop()


class LaterChains(LiveTest):
    """Where stop is accept, the hook's later chains see the packet; elsewhere they don't."""

    def later_chains_see(self, hook, destination):
        self.counting("udp dport 7", hook=hook)
        running = self.nflua("verdicts.lua", "--hook", hook, "--target", "stop")
        for name in ("udp4", "udp6"):
            self.assertTrue(Probe(self.net.client, name, destination, ECHO_PORT).answered())
        running.stop()
        return self.counted() > 0

    def test_of_each_hook_of_a_forwarded_packet(self):
        for hook, expected in (("prerouting", False), ("forward", False), ("postrouting", True)):
            with self.subTest(hook):
                self.assertEqual(self.later_chains_see(hook, SERVER), expected)
                self.net.router.nft("delete table inet user")

    def test_at_input(self):
        self.serving(Echo(self.net.router))
        self.assertTrue(self.later_chains_see("input", ROUTER_LAN))
