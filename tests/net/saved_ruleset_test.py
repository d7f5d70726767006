# SPDX-License-Identifier: GPL-2.0-or-later
"""`nft list ruleset > file` while nflua runs: nft loads the file again, and so does `nft -j`.

Where the kernel has no `queue` of nft's, our rule is one of iptables', which nft can't load: there
an `accept` stands in for it, and the rest of the file is tested. Where it does not tell connections
in its messages, rules put their id and zone into the priority, which nft 1.1 lists and refuses (1.0
doesn't): there these rules are left out.
"""
import json
import re

from live import LiveTest
from namespaces import Namespace, SERVER
from peers import ECHO_PORT, GRACE_S, Probe, Probes

SCRIPT = "verdicts.lua"
PLACES = (
    ("--hook", "prerouting"), ("--hook", "input"), ("--hook", "forward"), ("--hook", "output"),
    ("--hook", "postrouting"), ("--hook", "forward", "--family", "ip", "--connid", "late"),
    ("--hook", "postrouting", "--family", "ip6"),
    ("--hook", "forward", "--fail", "closed", "--workers", "3", "--priority", "raw-5"),
    ("--hook", "forward", "--in-interface", "lan*", "--out-interface", "wan0"),
    ("--hook", "input", "--in-interface", "*"), ("--hook", "forward", "--notrack"),
    ("--queue", "7"),
    ("--hook", "forward", "--filter", "tcp port 443", "--in-interface", "lan*"),
    ("--hook", "forward", "--filter", "not port 53 and not port 80", "--family", "ip"),
    ("--hook", "output", "--filter", "not port 53 and not port 80", "--family", "ip6"),
    ("--hook", "input", "--filter", "port 53 or tcp[tcpflags] & tcp-syn != 0 or len > 1000"),
)
IPV4, IPV6 = {"tcp4", "udp4", "icmp4"}, {"tcp6", "udp6", "icmp6"}
# What is inside, in one direction at least.
FILTERS = (
    (f"tcp port {ECHO_PORT}", {"tcp4", "tcp6"}),
    (f"udp dst port {ECHO_PORT}", {"udp4", "udp6"}),
    (f"not port {ECHO_PORT}", {"icmp4", "icmp6"}),
    ("ip[9] != 6 and ip[8] != 0", {"udp4", "icmp4"}),
    ("portrange 1-99 and not tcp", {"udp4", "udp6"}),
    ("tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn", {"tcp4"}),
    (f"port 53 or port {ECHO_PORT} or port 80 or icmp", {*IPV4, "tcp6", "udp6"}),
    (f"ip6 dst host {SERVER[6]} and not udp", {"tcp6", "icmp6"}),
    (f"src net 10.77.1.0/24 and dst host {SERVER[4]}", IPV4),
    ("not ip", IPV6),
    ("len >= 1", {*IPV4, *IPV6}),
)
# It computes with what it loads.
BEYOND_NFT = "ip[2:2] - ((ip[0] & 0xf) << 2) > 1"
CAN_NOT_LOAD = "can't be loaded again"
ZONED = {"jump": {"target": "zoned"}}
SET_CT = "meta priority set ct"
SET_ID = f"{SET_CT} id"
# As nft 1.0.6 and 1.1.3 list it.
XT_QUEUE = r'(queue (num|flags|to) [^"]*|xt target "NFQUEUE")(?= comment|$)'
XT_TARGET = {"type": "target", "name": "NFQUEUE"}


def numbers_of(elements):
    """A set of our own is listed by its numbers, and by what these mean once it was loaded."""
    named = {"icmp": 1, "tcp": 6, "udp": 17, "sctp": 132}
    words = re.findall(r"\w+", elements)
    return str([named[word] if word in named else int(word, 0) for word in words])


class SavedRuleset(LiveTest):
    def setUp(self):
        super().setUp()
        self.other = Namespace()
        self.addCleanup(self.other.close)
        self.has_queue = self.takes("queue num 1")
        self.takes_id = self.takes(SET_ID)

    def takes(self, rule):
        probe = f"add table inet t; add chain inet t c; add rule inet t c {rule}"
        return self.other.run("nft", "-c", probe, check=False).returncode == 0

    def listed(self, *options, namespace=None):
        """What nft lists, as text, and what it says about it."""
        done = (namespace or self.net.router).run("nft", *options, "list", "ruleset")
        return done.stdout, done.stderr

    def loadable(self, text):
        """The owner's flag would take the table away with the nft that loads it."""
        text = self.without_owner(text)
        return text if self.has_queue else re.sub(XT_QUEUE, "accept", text, flags=re.M)

    def without_owner(self, text):
        text = re.sub(r"^\s*flags owner\S*\n", "", text, flags=re.M)
        return text if self.takes_id else re.sub(rf"^.*{SET_CT}.*\n", "", text, flags=re.M)

    def assert_loads(self, text, *options):
        """Without a word."""
        done = self.other.run("nft", *options, "-f", "-", input=text, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), text)

    def assert_survives(self, running):
        self.other.nft("flush ruleset")  # what a failure left
        text, said = self.listed()
        if self.has_queue:
            self.assertEqual(said, "")
        self.assertIn("table", text)
        # As it is, the owner's flag included.
        whole = self.has_queue and (self.takes_id or SET_CT not in text)
        self.assert_loads(text if whole else self.loadable(text))
        self.other.nft("flush ruleset")
        self.assert_loads(self.loadable(text))
        again, _ = self.listed(namespace=self.other)
        self.assertEqual(self.comparable(again), self.comparable(self.loadable(text)))
        self.other.nft("flush ruleset")
        running.stop()

    @staticmethod
    def comparable(text):
        text = re.sub(r" # progname \S+$|counter packets \d+ bytes \d+", "", text, flags=re.M)
        text = re.sub(r"\{ [^{}:\n]+ \}", lambda found: numbers_of(found[0]), text)
        return [line for line in text.splitlines() if line.strip()]

    def test_as_text(self):
        for place in PLACES:
            with self.subTest(" ".join(place)):
                self.assert_survives(self.nflua(SCRIPT, *place, "--target", "accept"))

    def listed_as_json(self):
        """The ruleset, table by table. nft 1.0.6 ends in the middle of a table that has one flag, as
        the owner's: from there on its chains are listed one by one."""
        tables = re.findall(r"^table (\S+) (\S+)", self.listed()[0], re.M)
        objects = []
        for family, table in tables:
            objects.append({"table": {"family": family, "name": table}})
            # A chain that others lead to comes before them.
            text = self.net.router.run("nft", "list", "table", family, table).stdout
            inner = re.findall(r"^\tchain (selected|inside\d+) ", text, re.M)
            for chain in (*inner, "judge", "own"):
                done = self.net.router.run("nft", "-j", "list", "chain", family, table, chain,
                                           check=False)
                if done.returncode == 0:
                    self.assertNotIn("without statements", done.stderr)
                    objects += json.loads(done.stdout)["nftables"][1:]
        return objects

    def test_as_json(self):
        for place in PLACES:
            with self.subTest(" ".join(place)):
                running = self.nflua(SCRIPT, *place, "--target", "accept")
                objects = self.listed_as_json()
                rules = [each["rule"] for each in objects if "rule" in each]
                self.assertGreaterEqual(len(rules), 2)
                for rule in rules:
                    self.assertTrue(rule.get("expr"), rule)
                    # What it jumps to updates a map, for which nft 1.0.6 has no JSON.
                    rule["expr"] = [{"accept": None} if each == ZONED else each
                                    for each in rule["expr"]]
                    if not self.takes_id and '"key": "priority"' in json.dumps(rule):
                        rule["expr"] = [{"accept": None}]
                    if not self.has_queue:
                        rule["expr"] = [{"accept": None} if each.get("xt") == XT_TARGET else each
                                        for each in rule["expr"]]
                self.assert_loads(json.dumps({"nftables": objects}), "-j")
                self.other.nft("flush ruleset")
                running.stop()

    def dropped_by_saved_copy(self, load):
        """What has no answer once `load` has put the copy in place of nflua."""
        load()
        dropped = set(Probe.NAMES) - Probes(self.net).answered(GRACE_S)
        self.net.router.nft("flush ruleset")
        return dropped

    def dropping_rules(self):
        """The objects of nft's JSON, with a drop for what is queued."""
        objects = []
        for each in self.listed_as_json():
            rule = each.get("rule")
            if rule and rule.get("comment") == "judged":
                rule["expr"] = [{"drop": None}]
            if not rule or rule["chain"] != "selected" or rule.get("comment") == "judged":
                objects.append(each)
        return json.dumps({"nftables": objects})

    def test_a_saved_filter_says_the_same(self):
        for expression, names in FILTERS:
            with self.subTest(expression):
                running = self.forward(SCRIPT, "--target", "drop", "--filter", expression)
                self.assertNotIn(CAN_NOT_LOAD, running.stderr.text())
                live = set(Probe.NAMES) - Probes(self.net).answered(GRACE_S)
                self.assertEqual(live, names)
                text = re.sub(XT_QUEUE, "drop", self.without_owner(self.listed()[0]), flags=re.M)
                self.assertNotIn("xt match", text)
                self.assertIn("drop comment", text)
                chains = self.dropping_rules()
                running.stop()
                self.assertEqual(self.dropped_by_saved_copy(lambda: self.net.router.nft(text)),
                                 names)
                self.assertEqual(self.dropped_by_saved_copy(
                    lambda: self.net.router.run("nft", "-j", "-f", "-", input=chains)), names)

    def test_a_filter_that_nft_can_not_say(self):
        running = self.forward(SCRIPT, "--target", "drop", "--filter", BEYOND_NFT)
        self.assertEqual(set(Probe.NAMES) - Probes(self.net).answered(GRACE_S), IPV4)
        said = [line for line in running.stderr.lines if CAN_NOT_LOAD in line]
        self.assertEqual(len(said), 1, running.stderr.text())
        self.assertIn("xt match", self.listed()[0])

    def test_a_saved_copy_is_replaced_by_the_next_run(self):
        place = ("--hook", "forward", "--fail", "closed")
        running = self.nflua(SCRIPT, *place, "--target", "drop")
        text = self.loadable(self.listed()[0])
        running.stop()
        self.net.router.nft(text)
        running = self.nflua(SCRIPT, *place, "--target", "drop")
        self.assert_all_dropped(running)
        running.stop()
        self.assert_no_tables()
