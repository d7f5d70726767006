# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules with the module's match and target, by each iptables: what is written is what is read.

Needs the module loaded and its plug-ins where iptables looks (XTABLES_LIBDIR)."""
import os
import shlex
import unittest

import module
from namespaces import Namespace

NFLUA = os.environ["NFLUA"]
UNKNOWN = "Operation not permitted"  # as the original's
STATE, ODD_STATE = "guard", "a b\"c'd\\e"
LONGEST = "n" * 63

MATCH = "-m lua --state guard --function judge -j DROP"
PAYLOAD_MATCH = "-m lua --state guard --function judge --tcp-payload -j DROP"
TARGET = "-j LUA --state guard --function judge"
# As iptables-save writes them.
RULES = [
    MATCH,
    PAYLOAD_MATCH,
    TARGET,
    "-j LUA --state guard --function judge --tcp-payload",
    f"-m lua --state {LONGEST} --function {LONGEST}",
    '-m lua --state "a b\\"c\\\'d\\\\e" --function "x y" -j LUA --state guard --function "ü"',
    "-p tcp -m lua --state guard --function a -m lua --state guard --function b -j ACCEPT",
]
SAVED = [f"-A INPUT {rule}" for rule in RULES]


def words_of(rule):
    r"""As a shell would part them; but iptables-save also writes \' between double quotes."""
    return shlex.split(rule.replace(r"\'", "'"))


class Rules:
    """The tests, of one iptables; `program`, `flavour`: of a subclass."""

    program, flavour = "iptables", ""
    ways_to_find = ("-C", "-D")

    def setUp(self):
        self.namespace = Namespace()
        self.addCleanup(self.namespace.close)
        for state in (STATE, ODD_STATE, LONGEST):
            self.nflua("create", state)

    def nflua(self, command, *words, check=True):
        return self.namespace.run(NFLUA, command, "--kernel", *words, check=check)

    def iptables(self, *words, check=True):
        return self.namespace.run(f"{self.program}-{self.flavour}", *words, check=check)

    def rule(self, what, rule, check=True):
        return self.iptables(what, "INPUT", *words_of(rule), check=check)

    def append_all(self):
        for rule in RULES:
            self.rule("-A", rule)

    def saved(self):
        """The rules alone."""
        saved = self.namespace.run(f"{self.program}-{self.flavour}-save").stdout
        return [line for line in saved.splitlines() if line.startswith("-A")]

    def restore(self, rules):
        text = "\n".join(["*filter", *rules, "COMMIT", ""])
        self.namespace.run(f"{self.program}-{self.flavour}-restore", input=text)

    def assert_not_found(self, rule):
        for what in self.ways_to_find:
            self.assertEqual(self.rule(what, rule, check=False).returncode, 1, (what, rule))

    def assert_refused(self, rule):
        refused = self.rule("-A", rule, check=False)
        self.assertIn(UNKNOWN, refused.stderr)
        self.assertNotEqual(refused.returncode, 0)

    def test_what_is_appended_is_saved(self):
        self.append_all()
        self.assertEqual(self.saved(), SAVED)
        self.assertEqual(self.iptables("-S", "INPUT").stdout.splitlines()[1:], SAVED)

    def test_what_is_saved_is_restored(self):
        self.restore(SAVED)
        self.assertEqual(self.saved(), SAVED)
        self.restore(self.saved())
        self.assertEqual(self.saved(), SAVED)

    def test_a_list_shows_options(self):
        self.rule("-A", PAYLOAD_MATCH)
        self.rule("-A", TARGET)
        _, _, match, target = self.iptables("-n", "-L", "INPUT").stdout.splitlines()
        self.assertRegex(match, r"^DROP .* lua --state guard --function judge --tcp-payload$")
        self.assertRegex(target, r"^LUA .* --state guard --function judge$")

    def test_a_rule_is_found_by_what_it_says(self):
        self.append_all()
        for rule in RULES:
            self.rule("-C", rule)
            self.rule("-D", rule)
            self.assert_not_found(rule)
        self.assertEqual(self.saved(), [])

    def test_another_rule_is_not_found(self):
        self.rule("-A", MATCH)
        self.assert_not_found(PAYLOAD_MATCH)
        self.assert_not_found(MATCH.replace("judge", "other"))

    def test_a_rule_of_an_unknown_state_is_refused(self):
        log = module.Log()
        self.addCleanup(log.close)
        for rule in (MATCH, TARGET):
            self.assert_refused(rule.replace(STATE, "nobody"))
        self.assertEqual(log.said("nobody"),
                         ["a rule is refused, as there is no such state; create it first"] * 2)
        self.assertEqual(self.saved(), [])

    def test_a_state_of_another_namespace_is_unknown(self):
        self.namespace = Namespace()
        self.addCleanup(self.namespace.close)
        self.assert_refused(MATCH)

    def test_a_rule_keeps_its_state(self):
        for rule in (MATCH, TARGET):
            self.nflua("create", "kept")
            self.rule("-A", rule.replace(STATE, "kept"))
            refused = self.nflua("destroy", "kept", check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("kept", self.nflua("list").stdout)
            self.iptables("-F")
            self.nflua("destroy", "kept")


class IptablesLegacy(Rules, unittest.TestCase):
    flavour = "legacy"


class IptablesNft(Rules, unittest.TestCase):
    flavour = "nft"


class Ip6tablesLegacy(Rules, unittest.TestCase):
    program, flavour = "ip6tables", "legacy"
    # Debian 12's -C takes another rule for it, with any match: `-m mark --mark 2` for `--mark 1`.
    ways_to_find = ("-D",)


class Ip6tablesNft(Rules, unittest.TestCase):
    program, flavour = "ip6tables", "nft"


if __name__ == "__main__":
    unittest.main()
