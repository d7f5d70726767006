# SPDX-License-Identifier: GPL-2.0-or-later
"""Others remove or change nflua's own table: it is put back, or they can't (since Linux 6.9)."""
import re
import signal
import time

from daemon import LiveDaemonTest
from live import LiveTest
from namespaces import TIMEOUT_S
from peers import GRACE_S, Probe, Probes

TABLE = "inet nflua_verdicts_forward"
HOOK = "type filter hook {} priority {};"
FLUSH = "flush ruleset"
# Each leaves the rest as nflua made it.
DAMAGES = (
    # Another one's of that name, whose chain is elsewhere.
    f"flush ruleset; add table {TABLE}; "
    f"add chain {TABLE} judge {{ {HOOK.format('input', 5)} }}",
    FLUSH,
    f"delete table {TABLE}",
    f"flush chain {TABLE} judge",
    f"flush chain {TABLE} judge; delete chain {TABLE} judge",
    f"flush table {TABLE}",
    f"insert rule {TABLE} judge accept",
    f"add table {TABLE} {{ flags dormant; }}",
)
RESTORES_AT_ONCE = 10  # kMaxRestoresAtOnce
MANY_FLUSHES = 2000


class Damaged:
    """For a test: our table as it should be, and what others do to it."""

    def listed(self):
        """Its lines, in an order of their own: a chain that was put back stands behind the others."""
        found = self.net.router.run("nft", "list", "table", *TABLE.split(), check=False).stdout
        return sorted(filter(None, re.sub(r"packets \d+ bytes \d+", "", found).splitlines()))

    def damage(self, how):
        """Whether nft could."""
        return self.net.router.run("nft", how, check=False).returncode == 0

    def wait_restored(self, whole):
        deadline = time.monotonic() + TIMEOUT_S
        while self.listed() != whole:
            self.assertLess(time.monotonic(), deadline, self.listed())
            time.sleep(0.01)


class RestoredRules(Damaged, LiveTest):
    def run_it(self, fail):
        running = self.nflua("verdicts.lua", "--hook", "forward", "--fail", fail, "--target", "drop")
        self.whole = self.listed()
        self.is_owned = self.has_owner()
        return running

    def has_owner(self):
        """On Linux 6.1 anyone may change what stays without us."""
        self.assertIn("\tchain judge {", self.whole)
        return any("flags owner" in line for line in self.whole)

    def test_whatever_others_do(self):
        for fail in ("open", "closed"):
            with self.subTest(fail):
                running = self.run_it(fail)
                for how in DAMAGES:
                    could = self.damage(how)
                    if how != FLUSH:
                        self.assertEqual(could, not self.is_owned, how)
                    self.wait_restored(self.whole)
                    self.assert_all_dropped(running)
                running.stop()
                # Its own repairs are no damage: the 1st and the 10th time are said.
                self.assertNotIn("10 times so far", running.stderr.text())
                if not self.is_owned:
                    self.assertIn("was removed or changed by 'nft': put back, 1 time so far",
                                  running.stderr.text())
                self.assert_no_tables()

    def test_a_program_that_removes_it_for_ever(self):
        running = self.launch("verdicts.lua", "--hook", "forward", "--fail", "closed", "--target",
                              "drop").wait_ready()
        self.whole = self.listed()
        begin = time.monotonic()
        # One transaction a line.
        self.net.router.run("nft", "-i", input=f"{FLUSH}\n" * MANY_FLUSHES)
        allowed = RESTORES_AT_ONCE + time.monotonic() - begin
        is_owned = self.has_owner()
        if not is_owned:
            running.wait_said("once a second")
        self.wait_restored(self.whole)
        running.stop()
        if is_owned:
            self.assertEqual(running.table["rules restored"], 0)
        else:
            self.assertGreater(running.table["rules restored"], 1)
            self.assertLessEqual(running.table["rules restored"], allowed + 2)

    def test_other_tables_are_no_news(self):
        running = self.run_it("closed")
        for number in range(20):
            self.net.router.nft(f"add table inet other{number}")
        self.net.router.nft("add table inet nflua_other")
        running.send_signal(signal.SIGHUP)
        running.wait_said("reloaded")
        self.assertEqual(self.listed(), self.whole)
        running.stop()
        self.assertNotIn("put back", running.stderr.text())


class RestoredByTheDaemon(Damaged, LiveDaemonTest):
    def test_what_is_bound_again_is_whole(self):
        options = ("--hook", "forward", "--fail", "closed", "--target", "drop")
        self.client.make("a", "function drop() return 'drop' end")
        self.client.told(self.client.bind("a", *options))
        self.client.told(self.client.unbind("a"))
        self.assert_all_pass()
        self.damage(FLUSH)
        self.client.told(self.client.bind("a", *options))
        self.assertIn("chain judge", self.net.router.run("nft", "list", "ruleset").stdout)
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())
        self.assertGreater(self.client.place("forward")["verdicts"]["drop"], 0)
        self.assertEqual(self.client.place("forward")["rules_restored"], 0)
        self.daemon.stop()
        self.assert_no_tables()

    def test_another_filter_leaves_no_chain_of_the_one_before(self):
        def bind(*options):
            self.client.told(self.client.bind("a", "--hook", "forward", *options, "--target", "drop"))
            return self.net.router.run("nft", "list", "ruleset").stdout

        self.client.make("a", "function drop() return 'drop' end")
        self.assertIn("chain inside2", bind("--filter", "tcp port 443"))
        self.client.told(self.client.unbind("a"))
        self.assert_all_pass()
        self.assertNotIn("inside", bind("--filter", "icmp"))
        self.assertEqual(Probes(self.net).answered(GRACE_S), set(Probe.NAMES) - {"icmp4"})
