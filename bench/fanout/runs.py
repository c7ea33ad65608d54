"""Gives a hub, in a process of its own, a load, and says what it made of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PATIENCE_SECONDS = 60
GO_SECONDS = 120


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


class NotBuiltError(Exception):
    """A program of the bench cannot be had on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the compiled programs are, and why some are not there."""

    folder: Path
    absent: Mapping[str, str]


def build(folder: Path) -> Programs:
    """Compile the load and the floor, so that neither is what is measured; and what else can be compiled.

    Raises:
        NotBuiltError: there is no C compiler.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise NotBuiltError("a C compiler, one called cc, is not installed")
    for name in ("stream_sink", "floor"):
        source = FOLDER / f"{name}.c"
        subprocess.run([compiler, "-O2", "-o", folder / name, source], check=True)
    absent: dict[str, str] = {}
    with_tls: list[str | Path] = [
        compiler,
        "-O2",
        "-DWITH_TLS",
        "-o",
        folder / "stream_sink_tls",
        FOLDER / "stream_sink.c",
    ]
    if subprocess.run([*with_tls, "-lssl", "-lcrypto"], capture_output=True, check=False).returncode:
        absent["hub, TLS"] = "the headers of OpenSSL are not installed"
    go = shutil.which("go")
    if go is None:
        absent["Go flusher"] = "go is not installed"
    elif subprocess.run(
        [go, "build", "-o", folder / "go_flusher", "."],
        cwd=FOLDER / "go_flusher", capture_output=True, check=False, timeout=GO_SECONDS,
    ).returncode:  # fmt: skip
        absent["Go flusher"] = "go could not build it; it needs the module of gorilla/websocket"
    return Programs(folder, absent)


def run(programs: Programs, kind: str, load: Load) -> Run:
    """Give one hub, in a process of its own, the load."""
    folder = programs.folder
    command = [sys.executable, "-m", "bench.fanout.servers", kind, str(load.batch)]
    if compiled := {"floor": "floor", "Go flusher": "go_flusher"}.get(kind):
        command = [str(folder / compiled), str(load.batch)]
    sink_program = folder / ("stream_sink_tls" if kind == "hub, TLS" else "stream_sink")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, text=True) as hub:
        try:
            told = json.loads(_line(hub))
            words = (told["port"], told["trigger"], told["path"], load.subscribers, load.events, load.batch)
            load_command = [sink_program, *words, load.per_second, load.stalled]
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


def side_by_side(measure: Measure, kinds: Sequence[str], load: Load, rounds: int) -> Mapping[str, list[Run]]:
    """Round by round, so that what disturbs one disturbs all."""
    taken: dict[str, list[Run]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind in kinds:
            taken[kind].append(measure(kind, load))
    return taken


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        sys.exit(f"{process.args!r} ended early")
    return line
