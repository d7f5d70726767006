# SPDX-License-Identifier: GPL-2.0-or-later
"""The base of live tests of the module: a network as in tests/net, states and rules in its router."""
import itertools
import pathlib
import time

import module
from daemon import Client
from handmade import MODULE_PORT, NFLUA
from live import LiveTest
from namespaces import TIMEOUT_S
from peers import GRACE_S, Probe, Probes
from xtables import Xtables, match, target

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE / "scripts"
NET_SCRIPTS = HERE.parent / "net" / "scripts"
EXAMPLES = HERE.parent.parent / "examples"
POLL_S = 0.01


def connect(namespace):
    """A client of the module, in that namespace."""
    return Client(namespace, server=MODULE_PORT, family=NFLUA)


class Steering:
    """Of a test: waits, reads the kernel's log, and needs the module to be loaded."""

    def begin(self):
        if not module.is_loaded():
            module.load()
        self.log = module.Log()
        self.addCleanup(self.log.close)

    def wait_until(self, what, condition):
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"never came true: {what}")
            time.sleep(POLL_S)


class KernelTest(Steering, LiveTest):
    """States and rules are in the router. `flavour`: of iptables. `state`: what the test's only one
    is called: nothing that the log tells of it is another test's."""

    flavour = "nft"
    numbers = itertools.count(1)

    def setUp(self):
        self.state = f"state{next(self.numbers)}"
        self.begin()
        super().setUp()
        module.set_parameter("log_per_second", 0)
        self.client = self.connect(self.net.router)
        self.rules = Xtables(self.net.router, self.flavour)

    def connect(self, namespace):
        client = connect(namespace)
        self.addCleanup(client.close)
        return client

    def make(self, script, state=None, maxalloc=0, **limits):
        """A state with the script of this name or path, or text with a newline in it."""
        state = state or self.state
        text = script if "\n" in str(script) else self.path_of(script).read_text()
        self.client.do(self.client.create(state, maxalloc))
        if limits:
            self.client.do(self.client.limits(state, **limits))
        self.client.do(self.client.execute(state, text))

    @staticmethod
    def path_of(script):
        if isinstance(script, pathlib.Path):
            return script
        return next(folder / script for folder in (SCRIPTS, NET_SCRIPTS)
                    if (folder / script).exists())

    def call(self, function, *before, state=None, more=(), **where):
        """A rule that calls this target."""
        self.rules.add(*before, *target(state or self.state, function, *more), **where)

    def ask(self, function, *verdict, state=None, more=(), **where):
        """A rule that calls this match; without a verdict, it only counts."""
        self.rules.add(*match(state or self.state, function, *more), *verdict, **where)

    def look(self, key, state=None):
        """Of the state's statistics."""
        return self.client.look(state or self.state)[key]

    def calls(self, state=None):
        return self.look("calls", state)

    def value(self, expression):
        return self.client.value(self.state, expression)

    def said(self, text="", state=None):
        """What the log tells of the state, lines with this text."""
        return [line for line in self.log.said(state or self.state) if text in line]

    def wait_said(self, text, times=1):
        self.log.wait_for(f"'{text}' of {self.state}", lambda: len(self.said(text)) >= times)

    def assert_no_errors(self):
        self.assertEqual(self.look("errors"), 0, self.said())

    def assert_dropped(self, names=Probe.NAMES):
        """A callback is asked about each of them, and no answer comes."""
        before = self.calls()
        probes = Probes(self.net, names)
        self.wait_until("all packets met the state", lambda: self.calls() >= before + len(names))
        self.assertEqual(probes.answered(GRACE_S), set())
