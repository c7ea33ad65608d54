"""Events to many subscribers on loopback, beside the least that it can cost and other hubs."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..figures import Figure

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PATIENCE_SECONDS = 60
IDLE_BYTES_SUBSCRIBERS = (500, 1500)


@dataclass(frozen=True, slots=True)
class Load:
    """So many subscribers and events, these in batches of one turn, at a rate."""

    subscribers: int
    events: int
    batch: int
    per_second: int
    stalled: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """What one hub made of a load."""

    microseconds: float
    """CPU time of the hub for each delivery."""
    lost: int
    p50: int
    """Microseconds from the trigger to the subscriber."""
    p99: int
    connected: int
    """Bytes of memory that the connections took."""


Measure = Callable[[str, Load], Run]


def build(folder: Path) -> None:
    """Compile the load and the floor, so that neither is what is measured."""
    compiler = shutil.which("cc")
    if compiler is None:
        sys.exit("the fan-out is measured with programs in C: install a C compiler, one called cc")
    for name in ("stream_sink", "floor"):
        source = FOLDER / f"{name}.c"
        subprocess.run([compiler, "-O2", "-o", folder / name, source], check=True)


def run(programs: Path, kind: str, load: Load) -> Run:
    """Give one hub, in a process of its own, the load."""
    if kind == "floor":
        command = [str(programs / "floor"), str(load.batch)]
    else:
        command = [sys.executable, "-m", "bench.fanout.servers", kind, str(load.batch)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, text=True) as hub:
        try:
            told = json.loads(_line(hub))
            words = (told["port"], told["trigger"], told["path"], load.subscribers, load.events, load.batch)
            load_command = [programs / "stream_sink", *words, load.per_second, load.stalled]
            with subprocess.Popen(list(map(str, load_command)), stdin=pipe, stdout=pipe, text=True) as sink:
                got = json.loads(_line(sink))
                cost = json.loads(_line(hub))
                sink.communicate("\n", timeout=PATIENCE_SECONDS)
        finally:
            hub.kill()
    return Run(
        cost["cpu"] / got["wanted"] * 1e6,
        got["wanted"] - got["deliveries"],
        got["p50"],
        got["p99"],
        cost.get("connected", 0),
    )


def fanout_figures(rounds: int = 5) -> Iterator[Figure]:
    """The table's rows on fan-out."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        measure: Measure = partial(run, Path(folder))
        for subscribers in (50, 500, 2000):
            load = Load(subscribers, 60_000 // subscribers, 1, min(200, 25_000 // subscribers))
            runs = side_by_side(measure, ("floor", "hub", "websockets", "starlette", "flusher"), load, rounds)
            yield from compared(f"one event, {subscribers} subscribers", runs, floor=1.4, websockets=0.7)
        load = Load(500, 500, 10, 400)
        runs = side_by_side(measure, ("floor", "hub", "websockets"), load, rounds)
        yield from compared("ten events a turn, 500 subscribers", runs, floor=1.5, websockets=0.1)
        runs = side_by_side(measure, ("floor", "hub, 10 ms"), Load(500, 400, 1, 200), rounds)
        yield from compared("500 subscribers, 200 events/s", runs, floor=0.6)
        yield from latency(measure, rounds)
        yield from stalling(measure, rounds)
        yield idle_memory(measure)


def side_by_side(measure: Measure, kinds: Sequence[str], load: Load, rounds: int) -> Mapping[str, list[Run]]:
    """Round by round, so that what disturbs one disturbs all."""
    taken: dict[str, list[Run]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind in kinds:
            taken[kind].append(measure(kind, load))
    return taken


def compared(what: str, runs: Mapping[str, list[Run]], **bounds: float) -> Iterator[Figure]:
    """The CPU time of a delivery, by itself and against others in the same round."""
    for kind, each in runs.items():
        yield Figure(f"{what}: {kind}", statistics.median(one.microseconds for one in each), "µs")
    ours = next(kind for kind in runs if kind.startswith("hub"))
    for kind, bound in bounds.items():
        rounds = zip(runs[ours], runs[kind], strict=True)
        ratio = statistics.median(mine.microseconds / its.microseconds for mine, its in rounds)
        yield Figure(f"{what}: {ours} / {kind}", ratio, "x", at_most=bound)


def latency(measure: Measure, rounds: int) -> Iterator[Figure]:
    """From the moment in which an event is asked for to its arrival."""
    runs = side_by_side(measure, ("floor", "hub", "flusher"), Load(100, 200, 1, 100), rounds)
    middle = {kind: statistics.median(one.p50 for one in each) for kind, each in runs.items()}
    for kind, value in middle.items():
        yield Figure(f"latency, 100 subscribers, 100 events/s: {kind}, p50", value / 1000, "ms")
    yield Figure("latency: hub / floor", middle["hub"] / middle["floor"], "x", at_most=2)
    yield Figure("latency: flusher / hub", middle["flusher"] / middle["hub"], "x", at_least=25)


def stalling(measure: Measure, rounds: int) -> Iterator[Figure]:
    """Readers that keep up, without and with others that read nothing."""
    free = side_by_side(measure, ("hub",), Load(500, 600, 1, 200), rounds)["hub"]
    beside = side_by_side(measure, ("hub",), Load(550, 600, 1, 200, stalled=50), rounds)["hub"]
    p99 = statistics.median(one.p99 for one in free)
    yield Figure("500 subscribers, 200 events/s: lost", sum(one.lost for one in free), "", at_most=0)
    yield Figure("500 subscribers, 200 events/s: p99", p99 / 1000, "ms", at_most=20)
    yield Figure(
        "the same beside 50 that stopped reading: lost", sum(one.lost for one in beside), "", at_most=0
    )
    ratio = statistics.median(one.p99 for one in beside) / p99
    yield Figure("the same beside 50 that stopped reading: p99 / p99", ratio, "x", at_most=1.5)


def idle_memory(measure: Measure) -> Figure:
    """Per connection: the difference between many and few, so that what is loaded once does not count."""
    few, many = (measure("hub", Load(count, 1, 1, 1)).connected for count in IDLE_BYTES_SUBSCRIBERS)
    each = (many - few) / (IDLE_BYTES_SUBSCRIBERS[1] - IDLE_BYTES_SUBSCRIBERS[0])
    return Figure("memory of an idle connection", each / 1000, "kB", at_most=16)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        sys.exit(f"{process.args!r} ended early")
    return line
