# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for several sources at once."""
import selectors
import time

from namespaces import TIMEOUT_S

NS_PER_S = 1_000_000_000


class NothingCame(Exception):
    """What was waited for; the run can't go on."""


class Watcher:
    """Takes from its sources whatever comes. Owns: none of them."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()

    def watch(self, source, take):
        """take: is called without arguments when there is something to read."""
        self.selector.register(source, selectors.EVENT_READ, take)

    def read(self, timeout_s):
        for key, _ in self.selector.select(timeout_s):
            key.data()

    def wait_until(self, time_ns):
        while time.time_ns() < time_ns:
            self.read((time_ns - time.time_ns()) / NS_PER_S)

    def wait_for(self, is_there):
        """Raises NothingCame."""
        deadline = time.monotonic() + TIMEOUT_S
        while not is_there():
            self.read(max(0, deadline - time.monotonic()))
            if time.monotonic() > deadline:
                raise NothingCame(f"nothing more came for {TIMEOUT_S} s")
            self.check_source(is_there)

    def check_source(self, is_there):
        """Of who may end: raises NothingCame then."""
