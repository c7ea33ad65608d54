"""Events over one real connection on loopback, from a process that sends ready-made frames."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from .consumer import Cost
from .event_source import text_frame
from .figures import Figure, ratio
from .frames import USUAL, example, one_of_each

ROOT = Path(__file__).parents[1]
EVENTS = 150_000
MILLION = 1_000_000
KINDS = ("snippet", "websockets", "picows", "sync snippet", "sync websockets", "sync picows")
IMPORT_CPU_SECONDS = 0.20
GROWTH_MEGABYTES = 2.0

Consume = Callable[[str, int], Cost]


@contextmanager
def source(frames: list[bytes]) -> Generator[Consume]:
    """Send a welcome and then these frames, over and over; what is given runs a consumer of them."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(example("Welcome") + b"\n" + b"".join(map(text_frame, frames)))
        file.flush()
        command = [sys.executable, "-m", "bench.event_source", file.name]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            port = int(process.stdout.readline())
            try:
                yield partial(consume, f"http://127.0.0.1:{port}")
            finally:
                process.stdin.close()


def consume(url: str, kind: str, count: int) -> Cost:
    """Run a consumer for so many events, in a process of its own."""
    command = [sys.executable, "-m", "bench.consumer", kind, url, str(count)]
    run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{command} failed\n{run.stderr}")
    return Cost(**json.loads(run.stdout))


def streaming_figures(rounds: int = 5) -> Iterator[Figure]:
    with source([USUAL]) as run:
        usual = measured(run, KINDS, rounds)
        yield from rates("VM_STATE_CHANGED", usual, bounded=True)
        long = run("picows", MILLION)
        yield Figure(
            "memory: growth from 100,000 events to a million",
            long.megabytes - long.megabytes_when_warm,
            "MB",
            at_most=GROWTH_MEGABYTES,
        )
    with source(one_of_each()) as run:
        each = measured(run, KINDS[:3], rounds)
        yield from rates("one of each event", each, bounded=False)


def measured(run: Consume, kinds: tuple[str, ...], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each kind, round by round, so that what disturbs one disturbs all."""
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind in kinds:
            taken[kind].append(run(kind, EVENTS).cpu_seconds)
    return taken


def rates(what: str, taken: dict[str, list[float]], *, bounded: bool) -> Iterator[Figure]:
    """Events a second of CPU, and how much more that is than the snippet's."""
    bounds = {"websockets": 1.2, "picows": 3.5, "sync websockets": 1.0, "sync picows": 1.0}
    for kind, seconds in taken.items():
        yield Figure(f"{what}: {kind}", EVENTS / statistics.median(seconds), "1/s")
        if kind in bounds:
            rival = "sync snippet" if kind.startswith("sync") else "snippet"
            least = bounds[kind] if bounded else None
            yield Figure(f"  … against the {rival}", ratio(taken[rival], seconds), "x", at_least=least)
