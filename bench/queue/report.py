# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables: figures, where packets went, ratios against the targets."""
from statistics import median

LOST = ("verdict", "queue full", "socket full", "sink full", "devices")
ENDED = "ended"  # the loop, by itself, under this load
# What must be reached by the filter that reads five fields: who of whom, in which measure.
TARGETS = (
    (0.9, "fields", "best", "flood", "UDP packets/s ÷ best loop in C"),
    (0.9, "fields", "best", "tcp", "TCP ÷ best loop in C"),
    (0.85, "fields", "plain", "tcp", "TCP ÷ plain forwarding"),
    (0.85, "headers", "plain", "tcp", "the same with --snaplen 128"),
    (5, "fields", "ruby", "lossless", "lossless packets/s ÷ ruby-nfqueue"),
)
FIGURES = {
    "flood": lambda transfer: None if transfer.death else transfer.rate,
    "steady": lambda transfer: None if transfer.death else transfer.cpu_us,
    "tcp": lambda stream: stream and stream["gbit_s"],
    "lossless": lambda rate: rate,
}


def figures(contestant, measure):
    """One a round; None where the loop did not survive."""
    return [FIGURES[measure](result) for result in contestant.results[measure]]


def middle(values, form):
    """Their median; ENDED if most are None."""
    values = list(values)
    alive = [value for value in values if value is not None]
    if not values:
        return ""
    return format(median(alive), form) if 2 * len(alive) > len(values) else ENDED


def spread(values, form):
    return f"{min(values):{form}}–{max(values):{form}}" if values and None not in values else ""


def row(contestant):
    results = contestant.results
    rates = figures(contestant, "flood")
    steady = figures(contestant, "steady") if contestant.command else []
    cells = [
        middle(rates, ",.0f"),
        spread(rates, ",.0f"),
        middle(steady, ".2f"),
        middle(figures(contestant, "tcp"), ".2f"),
        middle((stream and stream["retransmits"] for stream in results["tcp"]), ",.0f"),
        middle((trip["p50"] for trip in results["latency"]), ".0f"),
        middle((trip["p99"] for trip in results["latency"]), ".0f"),
        middle(figures(contestant, "lossless"), ",.0f"),
    ]
    return f"| {contestant.name} | {' | '.join(cells)} |"


def comparison(contestants):
    yield ("| contestant | UDP flood, packets/s | min–max | CPU, µs/packet | TCP, Gbit/s "
           "| retransmits | p50, µs | p99, µs | lossless, packets/s |")
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    yield from map(row, contestants.values())


def transfers(contestant):
    return contestant.results["flood"] + contestant.results["steady"]


def packets(contestants):
    """Where the packets of all floods and steady streams went; each row must add up."""
    yield f"| contestant | sent = | delivered + | {' + | '.join(LOST)} | unaccounted |"
    yield "|---|--:|--:|" + "--:|" * len(LOST) + "--:|"
    for contestant in contestants.values():
        runs = [run for run in transfers(contestant) if not run.death]
        if runs:
            sums = [sum(run.sent for run in runs), sum(run.delivered for run in runs),
                    *(sum(run.lost[reason] for run in runs) for reason in LOST),
                    sum(run.unaccounted for run in runs)]
            yield f"| {contestant.name} | {' | '.join(f'{value:,}' for value in sums)} |"


def deaths(contestants):
    """Whose packets are not in the table: the kernel's counters of a queue end with its loop."""
    for contestant in contestants.values():
        runs = transfers(contestant)
        words = sorted({run.death for run in runs if run.death})
        if words:
            dead = sum(1 for run in runs if run.death)
            yield (f"{contestant.name} ended by itself in {dead} of {len(runs)} runs, which are "
                   f"not in this table: {', '.join(words)}.")


def ratio(ours, other, measure):
    """The median of the rounds' ratios: a round's disturbance meets both. None: no measure."""
    pairs = zip(figures(ours, measure), figures(other, measure))
    ratios = [(own or 0) / theirs for own, theirs in pairs if theirs]
    return median(ratios) if ratios else None


def verdict(is_met):
    return "met" if is_met else "NOT MET"


def targets(contestants):
    yield "| nflua with five fields | ratio | at least |"
    yield "|---|--:|---|"
    for least, ours, other, measure, name in TARGETS:
        value = ratio(contestants[ours], contestants[other], measure)
        shown = "" if value is None else f"{value:.2f}"
        result = "not measured" if value is None else verdict(value >= least)
        yield f"| {name} | {shown} | {least}: {result} |"
    runs = [run for name in ("trivial", "fields", "headers") for run in transfers(contestants[name])]
    unaccounted = sum(abs(run.unaccounted) for run in runs)
    yield f"| packets unaccounted for | {unaccounted:,} | 0: {verdict(unaccounted == 0)} |"


def lines(contestants, notes):
    yield from notes
    yield ""
    yield from comparison(contestants)
    yield ""
    yield from packets(contestants)
    yield ""
    yield from deaths(contestants)
    yield ""
    yield from targets(contestants)
