# SPDX-License-Identifier: GPL-2.0-or-later
"""Each verdict of match and target, under both flavours of iptables and for both families, as client,
server and later rules see it."""
from kernel_base import KernelTest
from peers import GRACE_S, Probe, Probes

SCRIPT = "verdicts.lua"
# A TCP connection is still being closed when its probe is over: these are not, and can be counted.
COUNTABLE = ("udp4", "udp6", "icmp4", "icmp6")
PACKETS = 2 * len(COUNTABLE)  # with the answers
# What a user's rules behind ours do to what was marked.
MARKED = "meta mark 0x77"


class Targets:
    """Of a flavour: mixed with KernelTest below."""

    def setUp(self):
        super().setUp()
        self.make(SCRIPT)

    def end_of_chain(self):
        """A rule that counts what came to the end."""
        self.rules.add("-m", "comment", "--comment", "end")

    def test_accept_lets_through_to_the_next_chain(self):
        self.counting()
        self.call("accept")
        self.call("never")
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(self.counted(), PACKETS)
        self.assert_no_errors()

    def test_stop_lets_through_past_the_later_chains_of_this_hook(self):
        self.counting()
        self.call("stop")
        self.call("never")
        self.assert_all_pass()
        self.assertEqual(self.counted(), 0)
        self.assert_no_errors()

    def test_no_verdict_goes_on_with_the_next_rule(self):
        self.call("go_on")
        self.end_of_chain()
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(self.rules.counted("end"), PACKETS)

    def test_an_error_goes_on_with_the_next_rule(self):
        self.call("never")
        self.end_of_chain()
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(self.rules.counted("end"), PACKETS)
        self.assertEqual(len(self.said("never: ")), PACKETS)
        self.assertIn("stack traceback:", self.said())

    def test_drop(self):
        self.call("drop")
        self.call("never")
        self.assert_dropped()
        self.assert_no_errors()
        self.rules.flush()
        self.assert_all_pass()

    def test_drop_of_one_protocol_spares_the_others(self):
        self.call("drop_udp")
        self.assert_dropped(("udp4", "udp6"))
        self.assert_all_pass(("tcp4", "tcp6", "icmp4", "icmp6"))

    def test_repeat_enters_the_hook_again(self):
        self.counting(priority=-10)
        self.call("repeat_twice")
        self.call("never")
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(self.value("seen"), str(3 * PACKETS))
        self.assertEqual(self.counted(), 3 * PACKETS)
        self.assert_no_errors()

    def test_repeat_for_ever_ends_in_a_drop(self):
        self.call("repeat_for_ever")
        probes = Probes(self.net, COUNTABLE)
        self.wait_said("repeated more than 64 times", len(COUNTABLE))
        self.assertEqual(probes.answered(GRACE_S), set())
        self.assertEqual(self.calls(), 65 * len(COUNTABLE))

    def test_queue_without_a_listener_drops(self):
        self.call("queue_0")
        self.assert_dropped()

    def test_queue_hands_the_packet_to_its_listener(self):
        listener = self.nflua(SCRIPT, "--queue", "5", "--target", "accept")
        self.call("queue_5")
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(listener.stop().verdicts()["accept"], PACKETS)

    def test_a_mark_is_seen_by_later_rules(self):
        self.counting(MARKED, verdict="drop")
        self.call("mark")
        self.assert_dropped()
        self.assertGreaterEqual(self.counted(), len(Probe.NAMES))


class Matches:
    """Of a flavour: mixed with KernelTest below."""

    def setUp(self):
        super().setUp()
        self.make(SCRIPT)

    def test_a_match_does_what_its_rule_says(self):
        self.ask("no", "-j", "ACCEPT")
        self.ask("yes", "-j", "DROP")
        self.ask("never", "-j", "ACCEPT")
        self.assert_dropped()
        self.assert_no_errors()

    def test_what_does_not_match_passes(self):
        self.ask("no", "-j", "DROP")
        self.ask("no", "-j", "DROP")
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(self.calls(), 2 * PACKETS)

    def test_an_error_does_not_match(self):
        self.ask("never", "-j", "DROP")
        self.assert_all_pass()
        self.assertNotEqual(self.said("never: "), [])

    def test_a_missing_function_does_not_match(self):
        self.ask("nowhere", "-j", "DROP")
        self.assert_all_pass()
        self.assertNotEqual(self.said("couldn't find function: nowhere"), [])

    def test_hotdrop_drops_whatever_the_rule_says(self):
        self.ask("hotdrop", "-j", "ACCEPT")
        self.ask("never", "-j", "ACCEPT")
        self.assert_dropped()
        self.assert_no_errors()

    def test_accept_is_seen_by_later_chains(self):
        self.counting()
        self.ask("yes", "-j", "ACCEPT")
        self.ask("never", "-j", "DROP")
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(self.counted(), PACKETS)

    def test_return_and_jump(self):
        for family in (4, 6):
            self.rules.run("-N", "inner", family=family)
        self.call("drop", chain="inner")
        self.ask("no", "-j", "inner")
        self.assert_all_pass()
        self.ask("yes", "-j", "inner")
        self.assert_dropped()

    def test_nfqueue(self):
        listener = self.nflua(SCRIPT, "--queue", "6", "--match", "yes:accept")
        self.ask("yes", "-j", "NFQUEUE", "--queue-num", "6")
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(listener.stop().verdicts()["accept"], PACKETS)

    def test_a_masked_mark_keeps_the_other_bits(self):
        self.net.router.nft("""table inet before {
            chain first {
                type filter hook prerouting priority mangle
                meta mark set 0x100
            }
        }""")
        self.counting("meta mark 0x177")
        self.ask("yes", "-j", "MARK", "--set-mark", "0x77/0xff")
        self.assert_all_pass(COUNTABLE)
        self.assertEqual(self.counted(), PACKETS)

    def test_tcp_payload_asks_only_of_tcp_that_carries_some(self):
        self.make("function is_tcp(p) return select(2, p:tuple()) == 6 and "
                  "select(2, p:payload()) > 0 end\n", state="strict")
        self.ask("is_tcp", "-j", "ACCEPT", state="strict", more=["--tcp-payload"])
        self.assert_all_pass()
        self.assertGreaterEqual(self.calls("strict"), 4)
        self.assertEqual(self.rules.counted("--function is_tcp"), self.calls("strict"))


class TargetsNft(Targets, KernelTest):
    pass


class TargetsLegacy(Targets, KernelTest):
    flavour = "legacy"


class MatchesNft(Matches, KernelTest):
    pass


class MatchesLegacy(Matches, KernelTest):
    flavour = "legacy"
