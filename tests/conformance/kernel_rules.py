# SPDX-License-Identifier: GPL-2.0-or-later
"""A case's rules as a user of iptables writes them."""
import re
import shlex
from collections import namedtuple

# Between two packets of a case, one that no rule looks at: router.MARKER_PROTOCOL.
LET_MARKER_PASS = "-A FORWARD -p 253 -j ACCEPT"
# Options that have a value, but are no rules: bounds of the state.
BOUND = re.compile(r"--max-.*")
# The name that `create` has for the bound of the memory.
CREATE_OPTIONS = {"--max-bytes": "--maxalloc"}
DEFAULTS = ("match", "target")
# What a match does that says `stop`: iptables has no such target, but a script has.
STOPS = "nflua_stops"

Rule = namedtuple("Rule", "kind function verdict options")


def defined_in(source):
    """The default rules: nflua run takes them if there are such functions."""
    return [Rule(name, name, "drop", "") for name in DEFAULTS
            if re.search(rf"^(function {name}\b|{name} *=)", source, re.MULTILINE)]


class Arguments:
    """`args` and `kernel` of a case, taken apart."""

    def __init__(self, case):
        self.rules, self.bounds, self.is_untracked = [], [], False
        words = [word for name in ("args", "kernel")
                 for word in shlex.split(case.directives.get(name, ""))]
        while words:
            self.take(words.pop(0), words)
        self.rules = self.rules or defined_in(case.source)

    def take(self, word, words):
        if word in ("--match", "--target"):
            function, _, verdict = words.pop(0).partition(":")
            self.rules.append(Rule(word[2:], function, verdict or "drop", ""))
        elif word == "--tcp-payload":
            self.rules[-1] = self.rules[-1]._replace(options=" --tcp-payload")
        elif word == "--notrack":
            self.is_untracked = True
        elif BOUND.fullmatch(word):
            self.bounds += [CREATE_OPTIONS.get(word, word), words.pop(0)]
        else:
            raise ValueError(f"iptables has nothing for {word}: `only:` should say so")

    def restore(self, state, last):
        """What iptables-restore reads. `last`: rules behind those of the case."""
        chains, lines = [], [LET_MARKER_PASS]
        for number, rule in enumerate(self.rules):
            lines.append(f"-A FORWARD {line_of(rule, state, f'marked{number}')}")
            if rule.verdict.startswith("mark="):
                chains.append(f":marked{number} - [0:0]")
                lines += [f"-A marked{number} -j MARK --set-mark {mark_of(rule.verdict)}",
                          f"-A marked{number} -j ACCEPT"]
        raw = ["-A PREROUTING -j CT --notrack"] if self.is_untracked else []
        return "\n".join(["*raw", *raw, "COMMIT",
                          "*filter", *chains, *lines, *last, "COMMIT", ""])


def mark_of(verdict):
    """Within its mask: iptables would set bits outside it, too."""
    value, _, mask = verdict.removeprefix("mark=").partition("/")
    return f"{int(value, 0) & int(mask or '0xffffffff', 0):#x}/{mask or '0xffffffff'}"


NO_RULES = "*raw\nCOMMIT\n*filter\nCOMMIT\n"


def line_of(rule, state, marking_chain):
    callback = f"--state {state} --function {shlex.quote(rule.function)}{rule.options}"
    if rule.kind == "target":
        return f"-j LUA {callback}"
    return f"-m lua {callback} -j {verdict_of(rule.verdict, state, marking_chain)}"


def verdict_of(verdict, state, marking_chain):
    """What follows -j."""
    kind, _, value = verdict.partition("=")
    return {"drop": "DROP", "accept": "ACCEPT", "mark": marking_chain,
            "queue": f"NFQUEUE --queue-num {value or 0}",
            "stop": f"LUA --state {state} --function {STOPS}"}[kind]
