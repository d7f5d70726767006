# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of packets, rules and timers when their state or the daemon ends."""
import signal

from daemon import LiveDaemonTest
from namespaces import SERVER
from peers import ECHO_PORT, GRACE_S, Probes, udp_socket

HOLD = """
kept = {}

function keep(pkt)
  local _, size = pkt:payload()
  if (size or 0) == 0 then return end
  kept[#kept + 1] = pkt
  return "stolen"
end

function let_go()
  for _, pkt in ipairs(kept) do pkt:send() end
  kept = {}
end
"""
DROP = "function drop() return 'drop' end"


class EndTest(LiveDaemonTest):
    def prepare(self):
        self.counting()  # or Linux 6.1 warns of a kill, as it finds no chain any more at that hook
        self.talkers = {family: udp_socket(self.net.client, family) for family in SERVER}
        for talker in self.talkers.values():
            self.addCleanup(talker.close)

    def say(self, word):
        for family, talker in self.talkers.items():
            talker.sendto(word, (SERVER[family], ECHO_PORT))

    def assert_heard(self, *words):
        """The server, and so the client, had these and no others."""
        for talker in self.talkers.values():
            self.assertEqual([talker.recv(16) for _ in words], list(words))
        self.assertEqual(sorted(self.echo.received), sorted(words * len(SERVER)))

    def assert_not_heard(self, word):
        for talker in self.talkers.values():
            talker.settimeout(GRACE_S)
            with self.assertRaises(TimeoutError):
                talker.recv(16)
        self.assertNotIn(word, self.echo.received)

    def hold(self, *options, word=b"held"):
        """A state that holds a packet of each family."""
        client = self.client
        client.make("a", HOLD)
        client.told(client.bind("a", "--hook", "forward", "--target", "keep", *options))
        self.say(word)
        self.wait_until("held", lambda: client.look("a")["packets_held"] == len(SERVER))


class Destroy(EndTest):
    def test_is_refused_while_rules_refer_to_it_and_traffic_goes_on(self):
        client = self.client
        client.make("a", DROP + " function pass() return 'accept' end")
        client.told(client.bind("a", "--hook", "forward", "--target", "drop"))
        client.told(client.bind("a", "--hook", "input", "--target", "pass"))
        self.assertIn("forward", client.refused(client.destroy("a")))
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())
        client.told(client.unbind("a", "--hook", "forward"))
        self.assertIn("input", client.refused(client.destroy("a")))
        self.assert_all_pass()
        client.told(client.unbind("a"))
        client.do(client.destroy("a"))
        self.assert_all_pass()
        self.assertEqual(client.states(), [])

    def test_cancels_timers(self):
        client = self.client
        client.make("a", "timer.create(50, function() print('of a') end)")
        client.make("b", "timer.create(100, function() print('of b') end)")
        client.do(client.destroy("a"))
        self.daemon.wait_said("of b")
        self.assertNotIn("of a", self.daemon.stderr.text())

    def test_lets_held_packets_go_by_the_policy_of_their_place(self):
        client = self.client
        for policy, word in (("open", b"1"), ("closed", b"2")):
            with self.subTest(policy):
                self.hold("--fail", policy, word=word)
                client.told(client.unbind("a"))
                client.do(client.destroy("a"))
                self.assertEqual(client.states(), [])
                if policy == "open":
                    self.assert_heard(word)
                else:
                    self.assert_not_heard(word)
                self.assert_sums(client)
        released = sum(place["held_released"] for place in client.look()["places"])
        self.assertEqual(released, 2 * len(SERVER))


class Unbind(EndTest):
    def test_a_script_may_send_what_it_still_holds(self):
        client = self.client
        self.hold()
        client.told(client.unbind("a"))
        self.say(b"after")
        for talker in self.talkers.values():
            self.assertEqual(talker.recv(16), b"after")
        self.assertEqual(client.look("a")["packets_held"], len(SERVER))
        self.assertEqual(client.place("forward")["held"], len(SERVER))
        self.assert_sums(client)
        client.do(client.execute("a", "let_go()"))
        for talker in self.talkers.values():
            self.assertEqual(talker.recv(16), b"held")
        self.assertEqual(client.place("forward")["held_sent"], len(SERVER))
        self.assert_sums(client)

    def test_a_place_whose_packets_are_held_can_be_bound_again(self):
        client = self.client
        self.hold()
        client.told(client.unbind("a"))
        client.make("b", DROP)
        client.told(client.bind("b", "--hook", "forward", "--target", "drop"))
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())
        client.told(client.unbind("b"))
        client.do(client.execute("a", "let_go()"))
        self.assert_heard(b"held")
        self.assert_all_pass()
        self.assert_sums(client)


class End(EndTest):
    def bind_all(self, policy):
        """Held packets, armed timers, rules at several places, a queue of the user's."""
        client = self.client
        self.hold("--fail", policy)
        client.make("b", "timer.create(1000000, print) function f() return false end")
        for place in (("--hook", "input"), ("--hook", "output", "--priority", "raw"),
                      ("--queue", "3")):
            client.told(client.bind("b", *place, "--match", "f", "--fail", policy))
        client.told(client.bind("a", "--hook", "input", "--target", "keep", "--fail", policy))
        self.assertEqual(client.look("b")["timers_armed"], 1)

    def test_held_packets_pass_with_fail_open(self):
        self.bind_all("open")
        self.daemon.stop()
        self.assert_heard(b"held")
        self.assertEqual(self.daemon.table["released"], len(SERVER))
        self.assertEqual(self.daemon.table["timers armed"], 1)
        self.assert_no_tables()
        self.assert_all_pass()

    def test_held_packets_are_dropped_with_fail_closed(self):
        self.bind_all("closed")
        self.daemon.stop(signal.SIGINT)
        self.assert_not_heard(b"held")
        self.assertEqual(self.daemon.table["closed"], len(SERVER))
        self.assert_no_tables()
        self.assert_all_pass()

    def test_after_a_kill_traffic_passes_and_another_starts_at_once(self):
        self.bind_all("open")
        self.daemon.kill()
        self.assert_all_pass()
        self.assert_no_tables()
        self.start_daemon()
        client = self.connect()
        self.assertEqual(client.states(), [])
        client.make("a", DROP)
        client.told(client.bind("a", "--hook", "forward", "--target", "drop"))
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())

    def test_after_a_kill_fail_closed_stays_closed_until_it_is_bound_again(self):
        self.hold("--fail", "closed")
        self.daemon.kill()
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())
        daemon = self.start_daemon()
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())
        client = self.connect()
        client.make("b", "function pass() return 'accept' end")
        client.told(client.bind("b", "--hook", "forward", "--target", "pass", "--fail", "closed"))
        self.assert_all_pass()
        daemon.stop()
        self.assert_no_tables()
        self.assert_all_pass()


class TwoDaemons(EndTest):
    def test_at_one_hook_each_filters(self):
        self.start_daemon("--port", "77")
        other = self.connect(server=77)
        for client, protocol in ((self.client, 17), (other, 6)):
            client.make("a", f"function f(pkt) return select(2, pkt:tuple()) == {protocol} end")
            client.told(client.bind("a", "--hook", "forward", "--match", "f"))
        self.assert_all_pass(("icmp4", "icmp6"))
        dropped = ("tcp4", "tcp6", "udp4", "udp6")
        self.assertEqual(Probes(self.net, dropped).answered(GRACE_S), set())
        self.client.told(self.client.unbind("a"))
        self.assert_all_pass(("udp4", "udp6", "icmp4", "icmp6"))
        self.daemon.kill()
        self.assertEqual(Probes(self.net, ("tcp4", "tcp6")).answered(GRACE_S), set())
        self.assert_all_pass(("udp4", "udp6"))
