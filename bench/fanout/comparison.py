"""Events to many subscribers on loopback, beside the least that it can cost and other hubs."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from ..figures import Figure, NotMeasured
from .runs import Load, Measure, NotBuiltError, Programs, Run, build, run, side_by_side
from .stopped import stopped_figures

Line = Figure | NotMeasured
ROUNDS = 3
GO = "Go flusher"
TLS = "hub, TLS"


def fanout_figures(*, is_short: bool = False) -> Iterator[Line]:
    """The table's rows on fan-out; in short, one round with few subscribers, to see that it works."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            programs = build(Path(folder))
        except NotBuiltError as error:
            yield NotMeasured("fan-out to many subscribers", str(error))
            return
        measure: Measure = partial(run, programs)
        rounds, sizes = (1, (50,)) if is_short else (ROUNDS, (50, 500, 2000))
        middle = sizes[len(sizes) // 2]
        for subscribers in sizes:
            yield from single(measure, programs, subscribers, rounds, has_peers=subscribers == middle)
        for subscribers in sizes:
            rate = max(1, 15_000 // subscribers) * 10
            load = Load(subscribers, rate * 3 // 20 * 10, 10, rate)
            runs = side_by_side(measure, ("floor", "hub", "websockets"), load, rounds)
            what = f"ten events a turn, {subscribers} subscribers"
            yield from compared(what, runs, floor=1.5, websockets=0.1)
        yield from steady(measure, rounds, middle)
        yield from latency(measure, programs, rounds)
        yield from secured(measure, programs, rounds)
        yield from idle_memory(measure, programs, (50, 250) if is_short else (500, 1500))
    yield from stopped_figures()


def single(
    measure: Measure, programs: Programs, subscribers: int, rounds: int, *, has_peers: bool
) -> Iterator[Line]:
    """One event at a time, and as many deliveries a second whatever the number of subscribers."""
    rate = 33_000 // subscribers
    kinds = ["floor", "hub", "websockets"]
    if has_peers:
        kinds += ["starlette", "flusher", *([] if GO in programs.absent else [GO])]
    runs = side_by_side(measure, kinds, Load(subscribers, rate * 3 // 2, 1, rate), rounds)
    what = f"one event, {subscribers} subscribers"
    yield from compared(what, runs, floor=1.4, websockets=0.7)
    if has_peers and GO in programs.absent:
        yield NotMeasured(f"{what}: {GO}", programs.absent[GO])


def compared(what: str, runs: Mapping[str, list[Run]], **bounds: float) -> Iterator[Figure]:
    """The CPU time of a delivery, by itself and against others in the same round."""
    for kind, each in runs.items():
        yield Figure(f"{what}: {kind}", statistics.median(one.microseconds for one in each), "µs")
    for kind, bound in bounds.items():
        yield Figure(f"{what}: hub / {kind}", ratio(runs["hub"], runs[kind]), "x", at_most=bound)


def ratio(ours: list[Run], others: list[Run]) -> float:
    """The median of the rounds' ratios of CPU time for each delivery."""
    rounds = zip(ours, others, strict=True)
    return statistics.median(mine.microseconds / its.microseconds for mine, its in rounds)


def steady(measure: Measure, rounds: int, subscribers: int) -> Iterator[Figure]:
    """Events for two seconds, without and with a tenth more readers that read nothing."""
    what = f"{subscribers} subscribers, 200 events/s"
    stopped = subscribers // 10
    alone = Load(subscribers, 400, 1, 200)
    crowded = Load(subscribers + stopped, 400, 1, 200, stopped)
    loads = {"floor": alone, "hub": alone, "hub, 10 ms": alone, "crowded": crowded}
    runs: dict[str, list[Run]] = {name: [] for name in loads}
    for _ in range(rounds):
        for name, load in loads.items():
            runs[name].append(measure("hub" if load is crowded else name, load))
    p99 = statistics.median(one.p99 for one in runs["hub"])
    yield Figure(f"{what}: lost", sum(one.lost for one in runs["hub"]), "", at_most=0)
    yield Figure(f"{what}: p99", p99 / 1000, "ms", at_most=20)
    flushed = ratio(runs["hub, 10 ms"], runs["floor"])
    yield Figure(f"{what}: flushing every 10 ms / floor", flushed, "x", at_most=0.6)
    lost = sum(one.lost for one in runs["crowded"])
    yield Figure(f"{what}, {stopped} more read nothing: lost", lost, "", at_most=0)
    slowed = statistics.median(
        beside.p99 / without.p99 for beside, without in zip(runs["crowded"], runs["hub"], strict=True)
    )
    yield Figure(f"{what}, {stopped} more read nothing: p99 / p99 without", slowed, "x", at_most=1.5)


def latency(measure: Measure, programs: Programs, rounds: int) -> Iterator[Line]:
    """From the moment in which an event is asked for, by a datagram, to its arrival."""
    what = "latency, 100 subscribers, 100 events/s"
    kinds = ["floor", "hub", "flusher", *([] if GO in programs.absent else [GO])]
    runs = side_by_side(measure, kinds, Load(100, 150, 1, 100), rounds)
    middle = {kind: statistics.median(one.p50 for one in each) for kind, each in runs.items()}
    for kind, value in middle.items():
        yield Figure(f"{what}: {kind}, p50", value / 1000, "ms")
    yield Figure(f"{what}: hub / floor", middle["hub"] / middle["floor"], "x", at_most=2)
    for kind in kinds[2:]:
        yield Figure(f"{what}: {kind} / hub", middle[kind] / middle["hub"], "x", at_least=25)
    if GO in programs.absent:
        yield NotMeasured(f"{what}: {GO}", programs.absent[GO])


def secured(measure: Measure, programs: Programs, rounds: int) -> Iterator[Line]:
    """What TLS adds to a delivery."""
    what = "one event, 200 subscribers: TLS / plain"
    if TLS in programs.absent:
        yield NotMeasured(what, programs.absent[TLS])
        return
    runs = side_by_side(measure, ("hub", TLS), Load(200, 150, 1, 100), rounds)
    yield Figure(what, ratio(runs[TLS], runs["hub"]), "x", at_most=2.2)


def idle_memory(measure: Measure, programs: Programs, sizes: tuple[int, int]) -> Iterator[Line]:
    """Per connection: the difference between many and few, so that what is loaded once does not count."""
    for kind, bound in (("hub", 16), (TLS, 64)):
        what = f"memory of an idle connection: {kind}"
        if kind in programs.absent:
            yield NotMeasured(what, programs.absent[kind])
            continue
        few, many = (measure(kind, Load(count, 1, 1, 1)).connected for count in sizes)
        yield Figure(what, (many - few) / (sizes[1] - sizes[0]) / 1000, "kB", at_most=bound)
