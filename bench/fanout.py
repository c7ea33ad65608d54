"""CPU of each delivery when one event goes to many, beside the bare send() and other servers.

All run side by side in one session, in rounds, so that what disturbs one disturbs all.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from .fanout_servers import FRAME_SIZE, KINDS, TOKEN
from .figures import Figure, ratio

SUBSCRIBERS = (50, 500, 2_000)
DELIVERIES = 20_000
"""Of one server in one round."""
ROUNDS = 5
SINGLE_OVER_FLOOR, SINGLE_OVER_BROADCAST = 1.4, 0.7
TEN_OVER_FLOOR, TEN_OVER_BROADCAST = 1.5, 0.1
PAUSE_MICROSECONDS = 20
"""For each subscriber, after each event, so that the readers keep up."""


class Server:
    """A server with its subscribers."""

    def __init__(self, stack: ExitStack, command: list[str], sink: Path, subscribers: int) -> None:
        self._process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        stack.callback(self._process.kill)
        port = self._line(self._process)
        reader = stack.enter_context(
            subprocess.Popen(
                [str(sink), "sink", port, str(subscribers), TOKEN],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(reader.kill)
        assert self._line(reader) == "ready"
        self._subscribers = subscribers

    def microseconds(self, joined: int) -> float:
        """CPU of one delivery."""
        turns = max(1, DELIVERIES // self._subscribers // joined)
        pause = PAUSE_MICROSECONDS * self._subscribers
        assert self._process.stdin is not None
        self._process.stdin.write(f"{turns * joined} {joined} {pause}\n")
        self._process.stdin.flush()
        return float(self._line(self._process))

    def _line(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line:
            sys.exit(f"{process.args!r} ended")
        return line


def fanout_figures() -> Iterator[Figure]:
    """Needs a C compiler for the floor and for readers that cost next to nothing."""
    compiler = shutil.which("cc")
    if compiler is None:
        print("fan-out: not measured, there is no C compiler (cc)")
        return
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "fanout"
        subprocess.run([compiler, "-O2", "-o", program, Path(__file__).with_suffix(".c")], check=True)
        for subscribers in SUBSCRIBERS:
            yield from _figures(program, subscribers)


def _figures(program: Path, subscribers: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        floor = [str(program), "floor", str(subscribers), str(FRAME_SIZE)]
        servers = {"send() in C": Server(stack, floor, program, subscribers)}
        for kind in KINDS:
            command = [sys.executable, "-m", "bench.fanout_servers", kind]
            servers[kind] = Server(stack, command, program, subscribers)
        for joined in (1, 10):
            taken: dict[str, list[float]] = {name: [] for name in servers}
            for counted in [False, *[True] * ROUNDS]:
                for name, server in servers.items():
                    cost = server.microseconds(joined)
                    if counted:
                        taken[name].append(cost)
            yield from _compared(taken, subscribers, joined)


def _compared(taken: dict[str, list[float]], subscribers: int, joined: int) -> Iterator[Figure]:
    how = f"fan-out to {subscribers}, {'one at a time' if joined == 1 else 'ten in a turn'}"
    for name, costs in taken.items():
        yield Figure(f"{how}: {name}", statistics.median(costs), "us")
    over_floor = SINGLE_OVER_FLOOR if joined == 1 else TEN_OVER_FLOOR
    over_broadcast = SINGLE_OVER_BROADCAST if joined == 1 else TEN_OVER_BROADCAST
    yield Figure(f"{how}: ours / send()", ratio(taken["ours"], taken["send() in C"]), "x", at_most=over_floor)
    broadcast = taken["websockets.broadcast"]
    yield Figure(f"{how}: ours / broadcast", ratio(taken["ours"], broadcast), "x", at_most=over_broadcast)
