"""What the hub costs a test run: its start and stop, and the sample application's tests."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from eventshub_mockserver import hub_session

from .figures import Figure

START_MILLISECONDS = 50
STOP_MILLISECONDS = 20
SAMPLE_SECONDS = 5


def start_and_stop_milliseconds(runs: int = 30) -> tuple[float, float]:
    """Medians of starting a hub and of stopping it, thread and address of the session included."""
    starts: list[float] = []
    stops: list[float] = []
    for counted in [False, *[True] * runs]:
        began = time.perf_counter()
        with hub_session() as session, session.hub():
            started = time.perf_counter()
        stopped = time.perf_counter()
        if counted:
            starts.append((started - began) * 1000)
            stops.append((stopped - started) * 1000)
    return statistics.median(starts), statistics.median(stops)


def sample_seconds(root: Path, runs: int = 3) -> float:
    """Median of running the sample application's tests, with the start of pytest.

    The first run is not counted: it compiles what is imported, which is kept
    for the next ones, as it is where tests are run more than once.
    """
    taken: list[float] = []
    command = [sys.executable, "-m", "pytest", "-q", "examples/vm_board"]
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for counted in [False, *[True] * runs]:
            began = time.perf_counter()
            done = subprocess.run(
                command, cwd=root, env=environment, capture_output=True, text=True, check=False
            )
            if counted:
                taken.append(time.perf_counter() - began)
            if done.returncode:
                sys.exit(f"the sample application's tests failed\n{done.stdout}{done.stderr}")
    return statistics.median(taken)


def start_and_stop_figures() -> Iterator[Figure]:
    """Elapsed times, since a test run waits for them."""
    start, stop = start_and_stop_milliseconds()
    yield Figure("hub for tests: start, elapsed", start, "ms", at_most=START_MILLISECONDS)
    yield Figure("hub for tests: stop, elapsed", stop, "ms", at_most=STOP_MILLISECONDS)


def sample_figures(root: Path) -> Iterator[Figure]:
    """The same of a whole test run."""
    yield Figure("sample tests: elapsed, pytest included", sample_seconds(root), "s", at_most=SAMPLE_SECONDS)
