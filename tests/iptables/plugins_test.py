# SPDX-License-Identifier: GPL-2.0-or-later
"""What iptables' plug-ins say to a command line. No kernel module is needed: a rule that is well
formed then fails in the kernel, which does not know `lua`, or has no such state.

    plugins_test.py FOLDER      FOLDER: has libxt_lua.so, libxt_LUA.so
Exit status: 0; 1; 77 SKIPPED, no iptables or no namespaces here."""
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = ["iptables-legacy", "iptables-nft", "ip6tables-legacy", "ip6tables-nft"]
PASSED, FAILED, SKIPPED = 0, 1, 77
USAGE = 2
TIMEOUT_S = 30
LONGEST_BYTES = 63
LONGEST, TOO_LONG = "n" * LONGEST_BYTES, "n" * (LONGEST_BYTES + 1)
# As root or not: networks of their own, where nothing is filtered.
NAMESPACE = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
PRELOAD = os.environ.get("NFLUA_PRELOAD", "")  # a sanitizer
MATCH, TARGET = ["-m", "lua"], ["-j", "LUA"]
# What the kernel says of a rule that it can't have, by each variant.
REFUSED_BY_KERNEL = {"legacy": (1, "No chain/target/match by that name"),
                     "nft": (4, "RULE_APPEND failed (No such file or directory)")}


@dataclasses.dataclass
class Refused:
    what: str
    options: list
    of_match: str
    of_target: str = ""  # nothing: the same

    def message(self, kind):
        return self.of_target or self.of_match if kind == TARGET else self.of_match


REFUSED = [
    Refused("no option", [], "lua: '--state' is mandatory",
            'LUA: option "--state" must be specified'),
    Refused("no state", ["--function", "f"], "lua: '--state' is mandatory",
            'LUA: option "--state" must be specified'),
    Refused("no function", ["--state", "s"], "lua: '--function' is mandatory",
            'LUA: option "--function" must be specified'),
    Refused("only --tcp-payload", ["--tcp-payload"], "lua: '--state' is mandatory",
            'LUA: option "--state" must be specified'),
    Refused("a state that is too long", ["--state", TOO_LONG, "--function", "f"],
            "'--state' is too long"),
    Refused("a function that is too long", ["--state", "s", "--function", TOO_LONG],
            "'--function' is too long"),
    Refused("a state without a name", ["--state", "", "--function", "f"], "'--state' is empty"),
    Refused("a function without a name", ["--state", "s", "--function", ""],
            "'--function' is empty"),
    Refused("a line's end in a name", ["--state", "s\nCOMMIT", "--function", "f"],
            "'--state' has control characters"),
    Refused("another not", ["!", "--state", "s", "--function", "f"],
            '"--state" cannot be inverted'),
    Refused("not that function", ["--state", "s", "!", "--function", "f"],
            '"--function" cannot be inverted'),
    Refused("not TCP payload", ["--state", "s", "--function", "f", "!", "--tcp-payload"],
            '"--tcp-payload" cannot be inverted'),
    Refused("a state twice", ["--state", "s", "--state", "s", "--function", "f"],
            '"--state" can only be used once'),
    Refused("a function twice", ["--state", "s", "--function", "f", "--function", "g"],
            '"--function" can only be used once'),
    Refused("TCP payload twice", ["--tcp-payload", "--tcp-payload"],
            '"--tcp-payload" can only be used once'),
    Refused("an unknown option", ["--state", "s", "--frob"], 'unknown option "--frob"'),
    Refused("no value", ["--function", "f", "--state"], '"--state" requires an argument'),
]

ACCEPTED = [
    ["--state", "s", "--function", "f"],
    ["--state", "s", "--function", "f", "--tcp-payload"],
    ["--tcp-payload", "--function", LONGEST, "--state", LONGEST],
    ["--state", "a b\"c'd\\e", "--function", "ü"],
]


def iptables(program, *words):
    return subprocess.run([*NAMESPACE, "env", f"LD_PRELOAD={PRELOAD}", program, *words], text=True, capture_output=True,
                          timeout=TIMEOUT_S, errors="replace", check=False)


class Plugins(unittest.TestCase):
    def append(self, program, kind, options):
        return iptables(program, "-A", "INPUT", *kind, *options)

    def each(self):
        """Each program, with match and target."""
        for program in PROGRAMS:
            for kind in (MATCH, TARGET):
                yield program, kind

    def test_what_is_no_rule_is_refused_with_a_reason(self):
        for program, kind in self.each():
            for case in REFUSED:
                with self.subTest(case.what, program=program, kind=kind):
                    done = self.append(program, kind, case.options)
                    self.assertIn(case.message(kind), done.stderr)
                    self.assertEqual(done.returncode, USAGE)

    def test_a_rule_reaches_the_kernel(self):
        for program, kind in self.each():
            status, message = REFUSED_BY_KERNEL[program.split("-")[1]]
            for options in ACCEPTED:
                with self.subTest(options, program=program, kind=kind):
                    done = self.append(program, kind, options)
                    self.assertIn(message, done.stderr)
                    self.assertEqual(done.returncode, status)

    def test_several_matches_and_a_target_can_be_one_rule(self):
        options = ["--state", "s", "--function", "f"]
        for program in PROGRAMS:
            status, message = REFUSED_BY_KERNEL[program.split("-")[1]]
            with self.subTest(program):
                done = iptables(program, "-A", "INPUT", *MATCH, *options, *MATCH, *options,
                                *TARGET, *options)
                self.assertIn(message, done.stderr)
                self.assertEqual(done.returncode, status)

    def test_help_names_the_options(self):
        for program, kind in self.each():
            with self.subTest(program=program, kind=kind):
                done = iptables(program, *kind, "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
                title = "lua match options:" if kind == MATCH else "LUA target options:"
                own = done.stdout.partition(title)[2]
                for option in ("--state NAME", "--function NAME", "--tcp-payload"):
                    self.assertIn(option, own)


def why_not():
    """What this machine lacks; None if nothing."""
    missing = [program for program in [*PROGRAMS, "unshare"] if not shutil.which(program)]
    if missing:
        return f"no {', '.join(missing)} here: tools/install-packages.sh check"
    probe = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    return f"no namespaces for us: {probe.stderr.strip()}" if probe.returncode != 0 else None


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    folder = sys.argv.pop(1)
    reason = why_not()
    if reason:
        print("SKIPPED:", reason)
        return SKIPPED
    debians = map(str, pathlib.Path("/usr/lib").glob("*/xtables"))
    os.environ["XTABLES_LIBDIR"] = ":".join([folder, *debians])
    with tempfile.TemporaryDirectory() as own:
        os.environ["XTABLES_LOCKFILE"] = f"{own}/lock"
        return FAILED if not unittest.main(exit=False).result.wasSuccessful() else PASSED


if __name__ == "__main__":
    sys.exit(main())
