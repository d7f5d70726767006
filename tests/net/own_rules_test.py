# SPDX-License-Identifier: GPL-2.0-or-later
"""Users' own rules in front of `--queue N`: the lines of docs/queue.md, by each tool."""
import pathlib
import re

from live import LiveTest
from peers import Probe

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/queue.md"
IPTABLES, BALANCED, NFT, MARKED = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.M | re.S)

SCRIPT = "verdicts.lua"
IPV4, IPV6 = ("tcp4", "udp4", "icmp4"), ("tcp6", "udp6", "icmp6")
NFT_QUEUE = """table inet mine {{
    chain forwarded {{
        type filter hook forward priority filter
        {rule}
    }}
}}"""


class OwnRules(LiveTest):
    def shell(self, lines):
        self.net.router.run("sh", "-e", "-c", lines)

    def assert_filtered(self, names, queues, spared=()):
        """A script has the say while it runs: one that drops, then one that lets through."""
        running = self.nflua(SCRIPT, "--queue", queues, "--target", "drop")
        self.assert_all_dropped(running, names)
        self.assert_all_pass(spared)
        running.stop()
        self.nflua(SCRIPT, "--queue", queues, "--target", "accept")
        self.assert_all_pass(names)

    def shell_of(self, lines, variant):
        """The page's lines, with iptables' variant of that name."""
        self.shell(re.sub(r"^(ip6?tables) ", rf"\1-{variant} ", lines, flags=re.M))

    def test_iptables_nft(self):
        self.shell_of(IPTABLES, "nft")
        self.assert_filtered(Probe.NAMES, "0")

    def test_iptables_legacy(self):
        self.shell_of(IPTABLES, "legacy")
        self.assert_filtered(Probe.NAMES, "0")

    def test_a_rule_for_some_packets(self):
        self.shell("iptables-nft -I FORWARD -p udp --dport 7 -j NFQUEUE --queue-num 7")
        self.assert_filtered(("udp4",), "7", spared=("tcp4", "icmp4", *IPV6))

    def test_a_balanced_range(self):
        self.shell_of(BALANCED, "nft")
        self.assert_filtered(IPV4, "0-3", spared=IPV6)

    def test_without_bypass_and_without_listener_nothing_passes(self):
        self.counting()
        self.shell("iptables-nft -I FORWARD -p udp -j NFQUEUE --queue-num 0")
        self.assert_all_pass(("tcp4", "icmp4"))
        before = self.counted()
        self.assert_filtered(("udp4",), "0")
        self.assertGreater(self.counted(), before)

    def load_nft(self, rule):
        done = self.net.router.run("nft", "-f", "-", input=NFT_QUEUE.format(rule=rule), check=False)
        if "No such file" in done.stderr:
            self.skipTest("this kernel has no nft `queue` (CONFIG_NFT_QUEUE)")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_nft(self):
        self.load_nft("queue num 9")  # or skip
        self.shell(NFT)
        self.net.router.nft("delete table inet mine")
        self.assert_filtered(Probe.NAMES, "0")

    def test_a_mark_is_tested_by_a_later_chain(self):
        self.shell(NFT.replace("queue num 0 bypass", "accept"))
        self.shell(MARKED)
        self.shell_of(IPTABLES, "nft")
        running = self.nflua(SCRIPT, "--queue", "0", "--json", "--match", "yes:mark=1")
        self.assert_all_dropped(running, verdict="accept")

    def test_nft_of_a_range(self):
        self.load_nft("queue flags bypass to 0-3")
        self.assert_filtered(Probe.NAMES, "0-3")

    def test_nft_for_some_packets(self):
        self.load_nft("meta l4proto udp queue num 5")
        self.assert_filtered(("udp4", "udp6"), "5", spared=("tcp4", "tcp6", "icmp4", "icmp6"))
