# SPDX-License-Identifier: GPL-2.0-or-later
"""Conformance cases: reading them, and comparing what came with what they expect. README.md says
what the files mean; the runners (run, run_queue) supply the events of a datapath."""
import json
import math
import pathlib
import re

import packets

HERE = pathlib.Path(__file__).resolve().parent
DIRECTIVES = {"packets", "link", "args", "replay", "queue", "kernel", "data", "only"}
ONLY = re.compile(r"([a-z]+(?: [a-z]+)*) \((.+)\)")
# Kinds that are compared always; the others are if the case expects one of them.
ALWAYS = {"verdict", "reply", "datagram", "log", "error", "exit"}
# Kinds whose order among each other is compared.
SEPARATE = [ALWAYS | {"rule"}, {"packet"}, {"written"}]
# Keys whose presence is compared as well; the others only where the case names them.
EXACT = {"event", "packet", "verdict", "queue", "mark", "repeated_too_often", "port", "groups"}


def paths(names):
    """Of the cases named on the command line; without names, of all."""
    return [pathlib.Path(name).resolve() for name in names] or sorted(HERE.glob("*/*.lua"))


class Case:
    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(HERE).with_suffix(""))
        self.source = path.read_text()
        self.directives = self.read_directives()
        self.expected = self.read_expected()

    def read_directives(self):
        directives = {}
        for line in self.source.splitlines():
            word, _, value = line.removeprefix("-- ").partition(": ")
            if line.startswith("-- ") and word in DIRECTIVES:
                directives[word] = (directives.get(word, "") + " " + value).strip()
        return directives

    def read_expected(self):
        lines = self.path.with_suffix(".expected").read_text().splitlines()
        events = [json.loads(line) for line in lines if line and not line.startswith("#")]
        if not any(event["event"] == "exit" for event in events):
            events.append({"event": "exit", "status": 0})
        return events

    def words(self, directive):
        return self.directives.get(directive, "").split()

    def why_not_on(self, datapath):
        """Why the case doesn't run there; None if it does."""
        if "only" not in self.directives:
            return None
        only = ONLY.fullmatch(self.directives["only"])
        if not only:
            raise SystemExit(f"{self.name}: expected `only: DATAPATHS (why)`")
        return None if datapath in only[1].split() else only[2]

    def write_script(self, directory):
        script = directory / self.path.name
        script.write_text(self.source + "\n" + (HERE / "check.lua").read_text())
        return script

    def expected_before(self, at_ms):
        """How many of the events that are always compared must have come before that time."""
        events = [event for event in self.expected if event["event"] in ALWAYS]
        return max((i for i, event in enumerate(events, 1) if event.get("at_ms", math.inf) < at_ms),
                   default=0)


def wanted_bytes(text):
    kind, _, name = text.partition(":")
    if kind == "text":
        return name.encode().hex()
    if kind not in ("packet", "frame", "back"):
        return text
    content = packets.packet(name)
    if isinstance(content, packets.Frame):
        return content.frame.hex()
    if kind == "packet":
        return content.hex()
    macs = packets.MACS if kind == "frame" else packets.BACK_MACS
    return packets.ethernet(content, macs=macs).hex()


class Comparison:
    """live: times are lower bounds, and a frame's addresses are those of the hop it leaves on."""

    def __init__(self, live=False):
        self.live = live

    def compare(self, expected, events):
        """What is wrong; None if nothing is. Frames and packets have an order of their own."""
        for kinds in SEPARATE:
            want = [event for event in expected if event["event"] in kinds]
            named = {event["event"] for event in want}
            got = [event for event in events if event["event"] in kinds & (ALWAYS | named)]
            difference = self.compare_stream(want, got)
            if difference:
                return difference
        return None

    def compare_stream(self, expected, events):
        for i, (want, got) in enumerate(zip(expected, events), 1):
            if not self.fits(want, got):
                return f"event {i}:\n  expected {json.dumps(want)}\n  got      {json.dumps(got)}"
        if len(expected) > len(events):
            return f"never came: {json.dumps(expected[len(events)])}"
        if len(events) > len(expected):
            return f"not expected: {json.dumps(events[len(expected)])}"
        return None

    def fits(self, want, got):
        if (want.keys() ^ got.keys()) & EXACT:
            return False
        return all(key in got and self.value_fits(key, value, got)
                   for key, value in want.items())

    def value_fits(self, key, want, event):
        got = event[key]
        if key == "data":
            skipped = packets.MACS_DIGITS if self.live and event["event"] == "written" else 0
            return wanted_bytes(want)[skipped:] == got[skipped:]
        if key == "at_ms" and self.live:
            return got >= want
        if isinstance(want, str) and isinstance(got, str) and want.endswith("*"):
            return got.startswith(want[:-1])
        if isinstance(want, dict):
            return want["contains"] in got
        return want == got
