# SPDX-License-Identifier: GPL-2.0-or-later
"""What of a case's expectation can be seen of a kernel, and whether it was.

Seen: packets that leave, with their bytes, marks and how far they got; replies; how many came to each
NFQUEUE; the log; datagrams. Not seen: why a packet did not leave."""
import collections
import json

import cases
import packets

# Verdicts of packets that leave, and the last that they have met.
PASSING = {"continue": "continue", "accept": "accept", "stop": "stop", "sent": "stop"}
# A line that belongs to the report before it: of a traceback.
TRACEBACK = ("stack traceback:", "\t")


def reports_of(lines):
    """The log's lines, those of a traceback with what they belong to."""
    reports = []
    for line in lines:
        if reports and line.startswith(TRACEBACK):
            reports[-1] += "\n" + line
        else:
            reports.append(line)
    return reports


class Expected:
    """inputs: (name, content, at_ms) of each packet, as packets.frames() tells them."""

    def __init__(self, case, inputs):
        self.events = [event for event in case.expected if event["event"] in cases.ALWAYS]
        self.written = [event for event in case.expected if event["event"] == "written"]
        self.inputs = inputs
        self.places = sorted({event["packet"] for event in case.expected if "packet" in event})

    def before(self, at_ms):
        """Those that must have come before that time."""
        times = [event.get("at_ms", float("inf")) for event in self.events]
        return self.events[:max((i for i, time in enumerate(times, 1) if time < at_ms), default=0)]

    def up_to_packet(self, number):
        """Those that must have come once that packet has met the rules."""
        last = next((i for i, event in enumerate(self.events, 1)
                     if event["event"] == "verdict" and event["packet"] == number), 0)
        return self.events[:last]

    @staticmethod
    def reports(events):
        return [event for event in events if event["event"] in ("log", "error")]

    @staticmethod
    def replies(events):
        return [event for event in events if event["event"] == "reply"]

    def passing(self, events):
        """(event, packet) of each that leaves, in order."""
        return [(event, packet) for event in events
                if event["event"] == "verdict" and event["verdict"] in PASSING
                for packet in self.packets_of(event)]

    def packets_of(self, event):
        """One that was sent with other bytes; else as it came, with these, in what fragments."""
        if "data" in event:
            return [bytes.fromhex(cases.wanted_bytes(event["data"]))]
        place = self.places.index(event["packet"])
        first = self.places[place - 1] if place > 0 else 0
        return [packets.ip_of(content.frame)
                for _, content, _ in self.inputs[first:event["packet"]]]

    def queued(self):
        return dict(collections.Counter(event["queue"] for event in self.events
                                        if event.get("verdict") == "queue"))

    def datagrams(self, port, group):
        """What a listener there must get."""
        return [event for event in self.events if event["event"] == "datagram"
                and (event["port"] == port if port else event["groups"] >> group & 1)]


class Seen:
    """What came of a case so far. frames: (time in ms, Leaving); lines: of the log."""

    def __init__(self):
        self.frames, self.lines, self.datagrams, self.queued = [], [], {}, {}

    def forwarded(self):
        return [frame for _, frame in self.frames if not frame.is_reply]

    def replies(self):
        return [frame for _, frame in self.frames if frame.is_reply]

    def has(self, expected, events):
        """Whether there is as much as these events tell."""
        received = sum(map(len, self.datagrams.values()))
        return (len(reports_of(self.lines)) >= len(expected.reports(events))
                and len(self.forwarded()) >= len(expected.passing(events))
                and len(self.replies()) >= len(expected.replies(events))
                and received >= sum(event["event"] == "datagram" for event in events))


def text_of(value):
    return json.dumps(value, default=lambda data: data.hex())


def unequal(what, expected, found, fits):
    """How two lists differ; None: they fit."""
    for number, (want, got) in enumerate(zip(expected, found), 1):
        if not fits(want, got):
            return f"{what} {number}:\n  expected {text_of(want)}\n  got      {text_of(got)}"
    if len(expected) != len(found):
        return (f"{what}: {len(expected)} expected, {len(found)} came:\n"
                f"  expected {text_of(expected)}\n  got      {text_of(found)}")
    return None


def report_fits(want, got):
    function = want.get("function") if want["event"] == "error" else None
    if function:
        if not got.startswith(f"{function}: "):
            return False
        got = got.removeprefix(f"{function}: ")
    return "text" not in want or cases.Comparison().value_fits("text", want["text"], {"text": got})


def passing_fits(want, got):
    event, packet = want
    passed = got.passed in (None, PASSING[event["verdict"]])
    return passed and got.packet == packet and got.mark == event.get("mark", 0)


def data_fits(want, got):
    return "data" not in want or cases.wanted_bytes(want["data"]) == got.hex()


def difference_in_passing(expected, found):
    """What leaves from the script's hand leaves a moment later than what just goes on: each of the
    two has its own order."""
    if any(frame.passed is None for frame in found):
        return unequal("packet that leaves", expected, found, passing_fits)
    later = [want for want in expected if PASSING[want[0]["verdict"]] == "stop"]
    at_once = [want for want in expected if PASSING[want[0]["verdict"]] != "stop"]
    return (unequal("packet that goes on", at_once,
                    [frame for frame in found if frame.passed != "stop"], passing_fits)
            or unequal("packet that is sent or stops", later,
                       [frame for frame in found if frame.passed == "stop"], passing_fits))


def reply_fits(want, got):
    return data_fits(want, got.packet)


def written_fits(want, frames):
    """In the order of the case as far as packets of one kind go; replies leave a moment later."""
    wanted = sorted(packets.ip_of(bytes.fromhex(cases.wanted_bytes(event["data"])))
                    for event in want if "data" in event)
    return len(wanted) != len(want) or wanted == sorted(frame.packet for frame in frames)


def difference(expected, seen):
    """Between what should be seen and what was; None if there is none."""
    events = expected.events
    found = (unequal("report", expected.reports(events), reports_of(seen.lines), report_fits)
             or difference_in_passing(expected.passing(events), seen.forwarded())
             or unequal("reply", expected.replies(events), seen.replies(), reply_fits)
             or unequal("queued", [expected.queued()], [seen.queued], dict.__eq__))
    for (port, group), received in seen.datagrams.items():
        found = found or unequal(f"datagram to port {port} or group {group}",
                                 expected.datagrams(port, group), received, data_fits)
    if not found and expected.written and not written_fits(expected.written,
                                                           [f for _, f in seen.frames]):
        found = f"these left: {text_of([frame.packet for _, frame in seen.frames])}"
    return found
