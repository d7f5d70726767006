# SPDX-License-Identifier: GPL-2.0-or-later
"""A running nflua, and the base of the tests that have one in a network."""
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from namespaces import TIMEOUT_S, Routed
from peers import ECHO_PORT, GRACE_S, Echo, Probe, Probes

NFLUA = os.environ["NFLUA"]
HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE / "scripts"
EXAMPLES = HERE.parent.parent / "examples"
SUCCESS, RAISED, USAGE, UNREADABLE, ENVIRONMENT = range(5)


class Lines(threading.Thread):
    """What a stream has said so far, line by line. Owns: the stream."""

    def __init__(self, stream, changed):
        super().__init__(daemon=True)
        self.stream, self.changed, self.lines = stream, changed, []
        self.start()

    def run(self):
        with self.stream:
            for line in self.stream:
                with self.changed:
                    self.lines.append(line.rstrip("\n"))
                    self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def text(self):
        return "\n".join(self.lines)


class Nflua:
    """`nflua run` or the like in a namespace. The caller stops it, one way or another."""

    def __init__(self, namespace, *words, before=()):
        self.process = namespace.start(
            *before, NFLUA, *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace")
        self.changed = threading.Condition()
        self.stdout = Lines(self.process.stdout, self.changed)
        self.stderr = Lines(self.process.stderr, self.changed)

    def wait_for(self, what, condition):
        """Until condition() holds; a process that ends before that failed."""
        deadline = time.monotonic() + TIMEOUT_S
        with self.changed:
            while not condition():
                ended = self.process.poll() is not None and not self.stderr.is_alive()
                if (ended and not self.stdout.is_alive() and not condition()
                        or time.monotonic() > deadline):
                    status = self.process.poll()
                    raise AssertionError(f"no {what}; nflua's status {status}, it said:\n"
                                         f"{self.stderr.text()}\n{self.stdout.text()[-4000:]}")
                self.changed.wait(0.05)

    def wait_ready(self):
        self.wait_said("ready")
        return self

    def wait_said(self, text, times=1):
        """Until so many lines of standard error have this text."""
        self.wait_for(f"'{text}' on standard error",
                      lambda: sum(text in line for line in self.stderr.lines) >= times)

    def wait_verdicts(self, verdict, count):
        """Until so many packets had this verdict (--json)."""
        self.wait_for(f"{count} times '{verdict}'", lambda: self.verdicts()[verdict] >= count)

    def wait_logged(self, text, times=1):
        """Until the script has printed so many lines with this text (--json)."""
        self.wait_for(f"'{text}' in the log", lambda: len(self.logged(text)) >= times)

    @property
    def events(self):
        return [json.loads(line) for line in list(self.stdout.lines)]

    def events_of(self, kind):
        return [event for event in self.events if event["event"] == kind]

    def verdicts(self):
        return collections.Counter(event["verdict"] for event in self.events_of("verdict"))

    def logged(self, text=""):
        return [event["text"] for event in self.events_of("log") if text in event["text"]]

    @property
    def table(self):
        """The summary's counts by their names."""
        rows = re.findall(r"^ +(\S.*?) {2,}(\d+)(?: {2}.*)?$", self.stdout.text(), re.MULTILINE)
        return collections.Counter({name: int(count) for name, count in rows})

    def send_signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Its exit status, and all that it said is there."""
        status = self.process.wait(TIMEOUT_S)
        self.stdout.join(TIMEOUT_S)
        self.stderr.join(TIMEOUT_S)
        assert "Sanitizer" not in self.stderr.text(), self.stderr.text()
        return status

    def stop(self, number=signal.SIGTERM, status=SUCCESS):
        self.send_signal(number)
        found = self.wait()
        assert found == status, f"status {found}, expected {status}: {self.stderr.text()}"
        return self

    def kill(self):
        self.process.kill()
        self.wait()

    def end(self):
        """However the test went: in order if it still can."""
        try:
            if self.process.poll() is None:
                self.stop()
        finally:
            self.kill()


class LiveTest(unittest.TestCase):
    """Each test has a network of its own, and an echo server at its server."""

    network = Routed

    def setUp(self):
        self.net = self.network()
        self.addCleanup(self.net.close)
        folder = tempfile.TemporaryDirectory(prefix="nflua-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.net.client.sysctl("ipv4/ping_group_range", "0 0")
        self.echo = self.serving(Echo(self.net.server))
        self.wait_for_links()

    def wait_for_links(self):
        """A device that is up may still drop for a moment; and neighbours are to be found first."""
        names = ("udp4", "udp6")
        deadline = time.monotonic() + TIMEOUT_S
        while Probes(self.net, names).answered(GRACE_S) != set(names):
            self.assertLess(time.monotonic(), deadline, "no way from client to server")
        self.echo.received.clear()

    def serving(self, server):
        self.addCleanup(server.stop)
        return server

    def start(self, namespace, *command):
        """A program that runs until the test ends; what it says is not looked at."""
        process = namespace.start(*command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, TIMEOUT_S)
        self.addCleanup(process.kill)
        return process

    def launch(self, script, *arguments, namespace=None, before=()):
        """nflua at once, with the script of this name or path."""
        path = script if isinstance(script, pathlib.Path) else SCRIPTS / script
        running = Nflua(namespace or self.net.router, "run", *arguments, path, before=before)
        self.addCleanup(running.end)
        return running

    def nflua(self, script, *arguments, **options):
        """nflua with --json, once packets reach the script."""
        return self.launch(script, "--json", *arguments, **options).wait_ready()

    def forward(self, script, *arguments, **options):
        return self.nflua(script, "--hook", "forward", *arguments, **options)

    def assert_all_pass(self, names=Probe.NAMES, port=ECHO_PORT):
        self.assertEqual(Probes(self.net, names, port).answered(), set(names))

    def assert_all_dropped(self, running, names=Probe.NAMES, verdict="drop"):
        """The datapath says that it dropped them, and no answer comes."""
        before = running.verdicts()[verdict]
        probes = Probes(self.net, names)
        running.wait_verdicts(verdict, before + len(names))
        self.assertEqual(probes.answered(GRACE_S), set())

    def assert_no_tables(self, namespace=None):
        tables = (namespace or self.net.router).run("nft", "list", "tables").stdout
        self.assertNotIn("nflua_", tables)

    def counting(self, match="", hook="forward", priority=10, verdict=""):
        """A user's own chain that counts what matches; read it with `counted()`."""
        self.net.router.nft(f"""table inet user {{
            counter seen {{ }}
            chain later {{
                type filter hook {hook} priority {priority}
                {match} counter name seen {verdict}
            }}
        }}""")

    def counted(self, table="user", name="seen"):
        listed = self.net.router.run("nft", "-j", "list", "counter", "inet", table, name).stdout
        return json.loads(listed)["nftables"][1]["counter"]["packets"]
