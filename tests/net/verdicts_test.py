# SPDX-License-Identifier: GPL-2.0-or-later
"""Each verdict, for TCP, UDP and ICMP over IPv4 and IPv6, as client and later rules see it."""
from live import LiveTest
from peers import GRACE_S, Probe, Probes

SCRIPT = "verdicts.lua"
ALL = len(Probe.NAMES)
# A TCP connection is still being closed when its probe is over: these are not, and can be counted.
COUNTABLE = ("udp4", "udp6", "icmp4", "icmp6")
MARKED = "meta mark 0x77"


class Targets(LiveTest):
    def target(self, *names, options=()):
        rules = [word for name in names for word in ("--target", name)]
        return self.forward(SCRIPT, *options, *rules)

    def test_accept_lets_through_to_the_next_chain(self):
        self.counting()
        running = self.target("accept", "never")
        self.assert_all_pass(COUNTABLE)
        running.stop()
        self.assertEqual(self.counted(), running.verdicts()["accept"])
        self.assertEqual(running.events_of("error"), [])

    def test_stop_lets_through_past_the_later_chains_of_this_hook(self):
        self.counting()
        running = self.target("stop", "never")
        self.assert_all_pass()
        self.assertEqual(self.counted(), 0)
        running.stop()
        self.assertEqual(set(running.verdicts()), {"stop"})

    def test_no_verdict_lets_through(self):
        running = self.target("go_on", "go_on")
        self.assert_all_pass()
        running.stop()
        self.assertEqual(set(running.verdicts()), {"continue"})

    def test_drop(self):
        running = self.target("drop", "never")
        self.assert_all_dropped(running)
        running.stop()
        self.assertEqual(running.events_of("error"), [])
        self.assert_all_pass()

    def test_drop_of_one_protocol_spares_the_others(self):
        running = self.target("drop_udp")
        self.assert_all_dropped(running, ("udp4", "udp6"))
        self.assert_all_pass(("tcp4", "tcp6", "icmp4", "icmp6"))

    def test_repeat_starts_the_rules_again(self):
        running = self.target("repeat_twice", "never")
        self.assert_all_pass()
        running.stop()
        self.assertEqual(set(running.verdicts()), {"accept"})
        repeats = [e for e in running.events_of("rule") if e["verdict"] == "repeat"]
        self.assertEqual(len(repeats), 2 * running.verdicts()["accept"])

    def test_repeat_for_ever_ends_in_a_drop(self):
        running = self.target("repeat_for_ever")
        self.assert_all_dropped(running)
        running.stop()
        self.assertTrue(all(e["repeated_too_often"] for e in running.events_of("verdict")))

    def test_queue_without_a_listener_drops(self):
        running = self.target("queue_0")
        self.assert_all_dropped(running, verdict="queue")

    def test_queue_hands_the_packet_to_its_listener(self):
        other = self.nflua(SCRIPT, "--queue", "5", "--target", "accept")
        running = self.target("queue_5")
        self.assert_all_pass(COUNTABLE)
        running.stop()
        other.stop()
        self.assertEqual(set(running.verdicts()), {"queue"})
        self.assertEqual(other.verdicts()["accept"], running.verdicts()["queue"])
        self.assertEqual({event["queue"] for event in running.events_of("verdict")}, {5})

    def test_queue_to_itself_is_an_error(self):
        self.net.router.run("iptables-nft", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", "5")
        running = self.nflua(SCRIPT, "--queue", "5", "--target", "queue_5")
        self.assert_all_pass(("tcp4", "udp4", "icmp4"))
        running.stop()
        self.assertEqual(set(running.verdicts()), {"continue"})
        self.assertEqual(len(running.events_of("error")), running.verdicts()["continue"])

    def test_a_mark_is_seen_by_later_rules(self):
        self.counting(MARKED, verdict="drop")
        running = self.target("mark")
        self.assert_all_dropped(running, verdict="accept")
        self.assertGreaterEqual(self.counted(), ALL)

    def test_two_filters_meet_in_the_order_of_their_priorities(self):
        running = self.target("mark", options=("--priority", "-10"))
        second = self.forward("say_mark.lua", "--priority", "10")
        self.assert_all_pass(COUNTABLE)
        running.stop()
        second.stop()
        self.assertEqual(set(second.logged()), {f"mark\t{0x77}"})
        self.assertEqual(len(second.logged()), running.verdicts()["accept"])


class Matches(LiveTest):
    def match(self, *rules):
        return self.forward(SCRIPT, *[word for rule in rules for word in ("--match", rule)])

    def test_a_match_drops_unless_told_otherwise(self):
        running = self.match("no", "yes", "never")
        self.assert_all_dropped(running)

    def test_what_does_not_match_passes(self):
        running = self.match("no", "no")
        self.assert_all_pass()
        self.assertEqual(set(running.stop().verdicts()), {"continue"})

    def test_hotdrop_drops_whatever_the_rule_says(self):
        running = self.match("hotdrop:accept", "never")
        self.assert_all_dropped(running)
        self.assertEqual(running.stop().events_of("error"), [])

    def test_accept_and_stop(self):
        for verdict in ("accept", "stop"):
            with self.subTest(verdict):
                running = self.match("yes:" + verdict, "never")
                self.assert_all_pass()
                self.assertEqual(set(running.stop().verdicts()), {verdict})

    def test_queue(self):
        other = self.nflua(SCRIPT, "--queue", "6", "--match", "yes:accept")
        running = self.match("yes:queue=6")
        self.assert_all_pass(COUNTABLE)
        running.stop()
        self.assertGreater(running.verdicts()["queue"], 0)
        self.assertEqual(other.stop().verdicts()["accept"], running.verdicts()["queue"])

    def test_a_match_can_mark_for_later_rules(self):
        self.counting(MARKED, verdict="drop")
        running = self.match("yes:mark=0x77/0xff")
        probes = Probes(self.net)
        running.wait_verdicts("accept", ALL)
        self.assertEqual(probes.answered(GRACE_S), set())
        self.assertGreaterEqual(self.counted(), ALL)

    def test_a_masked_mark_keeps_the_other_bits(self):
        self.net.router.nft("""table inet before {
            chain first {
                type filter hook prerouting priority mangle
                meta mark set 0x100
            }
        }""")
        self.counting("meta mark 0x177")
        running = self.match("yes:mark=0x77/0xff")
        self.assert_all_pass(COUNTABLE)
        self.assertGreater(self.counted(), 0)
        self.assertEqual(self.counted(), running.stop().verdicts()["accept"])
