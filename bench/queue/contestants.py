# SPDX-License-Identifier: GPL-2.0-or-later
"""Who takes part, and how one is started on queue 0 and ended."""
import re
from contextlib import contextmanager
from pathlib import Path

from network import Failure, wait_for

HERE = Path(__file__).resolve().parent
FILTERS = HERE.parent / "filters"
ALL = ("flood", "steady", "tcp", "latency")


class Contestant:
    """A loop's command, None for plain forwarding, and what of it is measured; its figures by
    measure, one a round."""

    def __init__(self, name, command=None, measures=ALL):
        self.name, self.command, self.measures = name, command, measures
        self.results = {measure: [] for measure in (*ALL, "lossless")}

    @contextmanager
    def serving(self, network, cpus):
        """Gives the loop once it serves the queue, or None. `cpus`: as taskset takes them."""
        network.queue_forwarding(self.command is not None)
        if self.command is None:
            yield None
            return
        loop = network.router.start(cpus, *self.command)
        try:
            wait_for(f"{self.name} on queue 0", lambda: serves(network, loop))
            yield loop
        finally:
            loop.stop()


def serves(network, loop):
    if not loop.is_running():
        raise Failure(f"{' '.join(loop.command)}: ended: {loop.output()}")
    queue = network.queue()
    return queue is not None and queue["copies"]


def verdict_drops(output):
    """What our table says, with what waited at the end and was dropped by --fail closed; the other
    loops accept all."""
    return sum(int(count) for count in re.findall(r"^\s*(?:drop|drained) +(\d+)", output, re.M))


def line_up(build):
    programs, nflua = build / "bench/queue", build / "cli/nflua"
    simple = programs / "simple_loop"
    contestants = {
        "plain": Contestant("plain forwarding, no queue"),
        "simple": Contestant("simple loop, libnetfilter_queue", [simple]),
        "simple GSO": Contestant("the same with the GSO flag", [simple, "-g"], ("tcp",)),
        "ruby": Contestant("ruby-nfqueue", ["ruby", "-W0", HERE / "ruby_loop.rb"],
                           (*ALL, "lossless")),
        "best": Contestant("best loop in C", [programs / "best_loop"], (*ALL, "lossless")),
    }
    # Closed, as the other loops: what passes unseen would count as delivered.
    run = [nflua, "run", "--queue", "0", "--notrack", "--fail", "closed", "--match", "match:accept"]
    contestants["trivial"] = Contestant("nflua, trivial callback", [*run, FILTERS / "trivial.lua"])
    contestants["fields"] = Contestant("nflua, five fields and a look-up",
                                       [*run, FILTERS / "tuple.lua"], (*ALL, "lossless"))
    contestants["headers"] = Contestant("the same with --snaplen 128",
                                        [*run, "--snaplen", "128", FILTERS / "tuple.lua"],
                                        ("flood", "steady", "tcp"))
    return contestants
