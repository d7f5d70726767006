# SPDX-License-Identifier: GPL-2.0-or-later
"""A running `nflua daemon`, and clients that steer it by messages written by hand."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

from live import LiveTest, Nflua
from namespaces import Namespace, TIMEOUT_S

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "control"))
import handmade  # noqa: E402 its folder is known only now
from handmade import DAEMON_PORT, USERSOCK, error_text, joined  # noqa: E402

# Messages of a test that sends many. An emulated guest is slower, and gets fewer.
MANY = int(os.environ.get("NFLUA_TEST_MESSAGES", "100000"))

# Bounds of a state that are quickly reached, so that no test runs for long.
FEW_STEPS = {"instructions": 1000, "load_instructions": 100000}
LOOP = "while true do end"


class Client(handmade.Client):
    """Waits as long as all tests do; knows what an answer should be."""

    def __init__(self, namespace, **options):
        with namespace.entered():
            super().__init__(**options)

    def receive(self, timeout_s=TIMEOUT_S):
        return super().receive(timeout_s)

    def reply(self, number, timeout_s=TIMEOUT_S):
        return super().reply(number, timeout_s)

    def ask(self, messages, timeout_s=TIMEOUT_S):
        return super().ask(messages, timeout_s)

    def do(self, *commands):
        """Each of them is carried out; there is nothing to tell."""
        for messages in commands:
            one, = self.ask(messages)
            assert one.is_done, self.error()

    def told(self, messages):
        """The text that it is answered by."""
        replies = self.ask(messages)
        assert not replies[0].is_error, self.error()
        return joined(replies, 1).decode(errors="replace")

    def refused(self, messages):
        """Why it is refused."""
        one, = self.ask(messages)
        assert one.is_error, one
        return self.error()

    def error(self):
        """Why the last command failed. Bytes that are no text may be what was found."""
        return joined(self.ask(error_text(self.number())), 1).decode(errors="replace")

    def value(self, state, expression):
        return self.told(self.evaluate(state, expression))

    def look(self, state=""):
        """The statistics of a state, or the server's."""
        return json.loads(self.told(self.stats(state)))

    def place(self, name):
        """The server's statistics of what is bound there."""
        found, = [place for place in self.look()["places"] if place["place"] == name]
        return found

    def make(self, state, chunk, maxalloc=0):
        self.do(self.create(state, maxalloc), self.execute(state, chunk))


class Steered:
    """Of a test: starts daemons, connects clients. `home`: where they are."""

    def wait_until(self, what, condition):
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline, f"{what}: never came true"
            time.sleep(0.005)

    def assert_sums(self, client):
        """Each packet that came to a place has one fate there, and each held one."""
        for place in client.look()["places"]:
            verdicts = place["verdicts"]
            fates = ("not_ip", "outside_filter", "drained")
            self.assertEqual(place["packets"], sum(verdicts.values())
                             + sum(place[fate] for fate in fates), place)
            held = ("held", "held_sent", "held_failed", "held_closed")
            self.assertEqual(verdicts.get("stolen", 0), sum(place[end] for end in held), place)

    def launch_daemon(self, *options, before=(), namespace=None):
        running = Nflua(namespace or self.home, "daemon", *options, before=before)
        self.addCleanup(running.end)
        return running

    def start_daemon(self, *options, **more):
        return self.launch_daemon(*options, **more).wait_ready()

    def connect(self, server=DAEMON_PORT, namespace=None, **options):
        client = Client(namespace or self.home, server=server, **options)
        self.addCleanup(client.close)
        return client


class DaemonTest(Steered, unittest.TestCase):
    """A daemon alone: its namespace has no device but lo."""

    options = ()

    def setUp(self):
        self.home = Namespace()
        self.addCleanup(self.home.close)
        self.daemon = self.start_daemon(*self.options)
        self.client = self.connect()


class LiveDaemonTest(Steered, LiveTest):
    """A daemon in the router."""

    options = ()

    def setUp(self):
        super().setUp()
        self.prepare()
        self.home = self.net.router
        self.daemon = self.start_daemon(*self.options)
        self.client = self.connect()

    def prepare(self):
        """What must be there before the daemon."""


# Before a command: it is run by that user, or without the capability.
AS_STRANGER = ["setpriv", "--reuid", "1", "--clear-groups"]


def sent_by(namespace, before, server, *messages, family=USERSOCK):
    """Sends messages from a process that `before` starts. Returns the replies, as many as messages."""
    program = """
import socket, sys
sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, int(sys.argv[1]))
sock.bind((0, 0))
sock.settimeout(float(sys.argv[2]))
for message in sys.argv[4:]:
    sock.sendto(bytes.fromhex(message), (int(sys.argv[3]), 0))
    print(sock.recv(65536).hex())
"""
    command = [*before, "/usr/bin/python3", "-B", "-c", program, family, TIMEOUT_S, server,
               *(message.hex() for message in messages)]
    with namespace.entered():
        done = subprocess.run([str(word) for word in command], text=True, capture_output=True,
                              timeout=2 * TIMEOUT_S, cwd="/", check=True)
    return [handmade.read(bytes.fromhex(line)) for line in done.stdout.split()]
