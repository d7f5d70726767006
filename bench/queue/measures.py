# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured: each on a loop of its own, started afresh, so that the kernel's counters of its
queue tell of this measure alone."""
import json
import re
import time
from dataclasses import dataclass, field

from contestants import verdict_drops
from network import SERVER, Network, two_cpus, wait_for

FLOOD_MS = 800
STEADY_MS = 500
STEADY_RATE = 20_000  # packets/s; all of them manage it
TCP_S = 1  # iperf3 knows whole seconds only
TCP_LIMIT_S = 5  # a loop that died leaves the connection hanging
LATENCY_MS = 600
LATENCY_RATE = 5_000
SETTLE_S = 0.02  # what is past the queue, but not yet counted
LADDER = (5_000, 7_500, 10_000, 15_000, 20_000, 25_000, 30_000, 35_000, 40_000, 50_000, 60_000,
          80_000, 100_000, 125_000, 150_000, 175_000, 200_000, 250_000, 300_000, 350_000)
LADDER_MS = 400
LADDER_TRIES = 2  # a busy machine may disturb one
REACHED = 0.95  # of the rate asked for; below it the sender was the limit

# Ports that the five-field filter finds in its table.
SINK_PORT, TCP_PORT, ECHO_PORT = "3347", "3314", "3281"


@dataclass
class Transfer:
    """Packets from the sender to the sink, and where the others went."""
    sent: int
    delivered: int
    seconds: float
    lost: dict = field(default_factory=dict)
    cpu_us: float = 0.0  # of the loop, per delivered packet
    death: str = ""  # of the loop: its last words

    @property
    def rate(self):
        return self.delivered / self.seconds

    @property
    def unaccounted(self):
        return self.sent - self.delivered - sum(self.lost.values())


class Bench:
    """The programs of one build in one network."""

    def __init__(self, build, network):
        self.programs, self.network = build / "bench/queue", network
        self.sender_cpu, self.loop_cpu = two_cpus()

    def flood(self, contestant):
        return self._transfer(contestant, FLOOD_MS)

    def steady(self, contestant):
        return self._transfer(contestant, STEADY_MS, STEADY_RATE)

    def _transfer(self, contestant, milliseconds, rate=0):
        """At `rate` packets/s; 0: as fast as can be."""
        network = self.network
        sink = network.server.start(self.sender_cpu, self.programs / "sink", SINK_PORT)
        sink.read_line()
        with contestant.serving(network, self.loop_cpu) as loop:
            device_drops, cpu = network.device_drops(), loop.cpu_seconds() if loop else 0
            sent, sender_seconds = numbers(network.client.finish(
                self.sender_cpu, self.programs / "blast", "-s", "-r", str(rate), SERVER, SINK_PORT,
                str(milliseconds)))
            self._drain(loop)
            queue = network.queue() or {}
            lost = {reason: queue.get(reason, 0) for reason in ("queue full", "socket full")}
            is_alive = loop is not None and loop.is_running()
            cpu = loop.cpu_seconds() - cpu if is_alive else 0
            output = loop.stop() if loop else ""
        delivered, sink_drops, sink_seconds = numbers(sink.stop())
        lost["sink full"] = int(sink_drops)
        lost["devices"] = network.device_drops() - device_drops
        lost["verdict"] = verdict_drops(output)
        return Transfer(int(sent), int(delivered), max(sender_seconds, sink_seconds), lost,
                        cpu / max(delivered, 1) * 1e6,
                        "" if is_alive or loop is None else last_words(output))

    def _drain(self, loop):
        if loop:
            wait_for("the queue's end",
                     lambda: (self.network.queue() or {"waiting": 0})["waiting"] == 0)
        time.sleep(SETTLE_S)

    def tcp(self, contestant):
        """{gbit_s, retransmits}, or None: the connection did not survive the loop. In a network of
        its own, since what TCP still repeats of a broken connection would reach the next queue."""
        cpus = f"{self.sender_cpu},{self.loop_cpu}"  # three busy programs: the kernel places them
        with Network() as network:
            network.server.start(cpus, "iperf3", "-s", "-p", TCP_PORT)
            wait_for("iperf3's server", lambda: network.server.listens(int(TCP_PORT)))
            with contestant.serving(network, cpus):
                client = network.client.start(cpus, "timeout", str(TCP_LIMIT_S), "iperf3", "-J",
                                              "-c", SERVER, "-p", TCP_PORT, "-t", str(TCP_S))
                output = client.output()
        if client.process.returncode != 0:
            return None
        end = json.loads(output)["end"]
        return {"gbit_s": end["sum_received"]["bits_per_second"] / 1e9,
                "retransmits": end["sum_sent"]["retransmits"]}

    def latency(self, contestant):
        """{p50, p99} in microseconds."""
        network, program = self.network, self.programs / "latency"
        echo = network.server.start(self.sender_cpu, program, "serve", ECHO_PORT)
        echo.read_line()
        with contestant.serving(network, self.loop_cpu):
            output = network.client.finish(self.sender_cpu, program, "measure", SERVER, ECHO_PORT,
                                           str(LATENCY_RATE), str(LATENCY_MS))
        echo.stop()
        _, _, p50, p99 = numbers(output)
        return {"p50": p50, "p99": p99}

    def lossless(self, contestant):
        """The highest rate of the ladder that loses nothing; packets/s as sent."""
        low, high, best = 0, len(LADDER), 0
        while low < high:
            middle = (low + high) // 2
            rate = self._passes(contestant, LADDER[middle])
            best = max(best, rate)
            low, high = (middle + 1, high) if rate else (low, middle)
        return best

    def _passes(self, contestant, rate):
        """The rate that was sent without any loss, or 0."""
        for _ in range(LADDER_TRIES):
            transfer = self._transfer(contestant, LADDER_MS, rate)
            sent_rate = transfer.sent / LADDER_MS * 1000
            if transfer.delivered == transfer.sent and sent_rate >= REACHED * rate:
                return sent_rate
        return 0


def numbers(output):
    """The figures of a line "name figure name figure ...", the last that the program printed."""
    return [float(word) for word in output.splitlines()[-1].split()[1::2]]


def last_words(output):
    """What a loop said that ended by itself: the name of Ruby's error, else the last line."""
    named = re.search(r"Errno::\w+", output)
    return named[0] if named else (output.split("\n") + ["nothing"])[-2]
