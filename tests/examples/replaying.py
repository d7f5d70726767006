# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of `nflua replay`, seen twice: by its events (--json) and by its table, each with -w.

Of both views a run has the figures, and they must agree: a packet that one of them loses shows here.
Only the standard library; the capture reader is the tests' own, so that it shares no fault with ours.
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile
from collections import Counter

# Far above what any run takes, even under AddressSanitizer: what hangs fails.
TIMEOUT_S = 60

# The rows of the table that say what became of a record; a row that is not there is 0.
FATES = ("not IP", "outside --filter", "fragments absorbed", "accept", "drop", "continue", "stop",
         "queue", "stolen")
HELD_ENDS = ("sent later", "failed to send", "closed")
PASSING = ("not IP", "outside --filter", "accept", "continue", "stop", "sent later", "replies")


class Record:
    """A captured packet: when, and its bytes from the link layer on."""

    def __init__(self, time_ns, frame):
        self.time_ns = time_ns
        self.frame = frame


def read_capture(path):
    """The records of a sound pcap or pcapng file (pcapng: as nflua and dumpcap write it)."""
    with open(path, "rb") as file:
        data = file.read()
    return read_pcapng(data) if data[:4] == b"\x0a\x0d\x0d\x0a" else read_pcap(data)


def read_pcap(data):
    order = "<" if data[:1] in (b"\xd4", b"\x4d") else ">"
    magic = struct.unpack_from(order + "I", data)[0]
    unit_ns = 1 if magic == 0xA1B23C4D else 1000
    records, at = [], 24
    while at < len(data):
        seconds, fraction, captured, _ = struct.unpack_from(order + "IIII", data, at)
        records.append(Record(seconds * 10**9 + fraction * unit_ns, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return records


def read_pcapng(data):
    records, units_ns, at = [], [], 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + size - 4]
        if kind == 1:
            units_ns.append(time_unit_ns(body[8:]))
        elif kind == 6:
            interface, high, low, captured = struct.unpack_from("<IIII", body)
            records.append(Record((high << 32 | low) * units_ns[interface], body[20:20 + captured]))
        at += size
    return records


def time_unit_ns(options):
    """An interface's unit of time: 1000 ns, unless its option if_tsresol (9) says nanoseconds."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from("<HH", options, at)
        if code == 9:
            return {6: 1000, 9: 1}[options[at + 4]]
        at += 4 + (size + 3) // 4 * 4
    return 1000


class Run:
    """`nflua replay` with these arguments. After it: status, events, table, log, output, problems."""

    def __init__(self, nflua, script, capture, args=()):
        self.problems = []
        with tempfile.TemporaryDirectory(prefix="nflua-test-") as folder:
            # Two files: the second view must write the very same.
            outputs = [os.path.join(folder, name) for name in ("json", "table")]
            command = [nflua, "replay", *args, "-w"]
            told = self.start(command + [outputs[0], "--json", script, capture])
            shown = self.start(command + [outputs[1], script, capture])
            self.status = told.returncode
            self.message = shown.stderr.decode(errors="replace")
            self.events = [json.loads(line) for line in told.stdout.splitlines()]
            self.table = read_table(shown.stdout.decode())
            self.output_bytes = self.same_bytes(outputs)
            self.output = read_capture(outputs[0]) if self.output_bytes else []
        if told.returncode != shown.returncode:
            self.problems.append(f"status {told.returncode} with --json, {shown.returncode} without")
        self.check_accounts()

    def start(self, command):
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
        # Below 0: a signal. The documented ones end at 4; sanitizers have their own.
        if not 0 <= done.returncode <= 4 or b"Sanitizer" in done.stderr:
            self.problems.append(f"died, {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done

    def same_bytes(self, paths):
        """None where the run failed before it had anything to write."""
        if not all(os.path.exists(path) for path in paths):
            return None
        contents = [pathlib.Path(path).read_bytes() for path in paths]
        if contents[0] != contents[1]:
            self.problems.append("-w wrote something else with --json")
        return contents[0]

    def verdicts(self):
        """How many of each; a stolen packet has two: 'stolen', and what it came to."""
        return Counter(event["verdict"] for event in self.events_of("verdict"))

    def events_of(self, kind):
        return [event for event in self.events if event["event"] == kind]

    def log(self):
        return [event["text"] for event in self.events_of("log")]

    def check(self, what, found, expected):
        if found != expected:
            self.problems.append(f"{what}: found {found}, expected {expected}")

    def check_accounts(self):
        """Every record has one fate, every stolen packet one end, and both views say so."""
        if not self.table:
            return
        row = self.table.get
        self.check("sum of fates", sum(row(name, 0) for name in FATES), row("packets"))
        self.check("ends of the stolen", sum(row(name, 0) for name in HELD_ENDS), row("stolen", 0))
        self.check("records written", len(self.output), sum(row(name, 0) for name in PASSING))
        verdicts = self.verdicts()
        for name, verdict in (("accept", "accept"), ("drop", "drop"), ("continue", "continue"),
                              ("stop", "stop"), ("queue", "queue"), ("stolen", "stolen"),
                              ("sent later", "sent"), ("failed to send", "failed"),
                              ("closed", "closed")):
            self.check(f"events of {verdict}", verdicts[verdict], row(name, 0))
        for name, kind in (("replies", "reply"), ("datagrams", "datagram"), ("errors", "error")):
            self.check(f"events: {kind}", len(self.events_of(kind)), row(name, 0))


def read_table(text):
    """The counts of the summary by their names."""
    rows = re.findall(r"^ +(\S.*?) {2,}(\d+)(?: {2}.*)?$", text, re.MULTILINE)
    return {name: int(count) for name, count in rows}
