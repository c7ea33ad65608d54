"""Time, injected: what the hub's deadlines and timestamps are read from."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two readings of the same passing time."""

    def time(self) -> float:
        """Seconds since the epoch, for timestamps; may be set back by the system."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment, for deadlines; never goes back."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, start: float = 1_764_929_730.0) -> None:
        self._start = start
        self._elapsed = 0.0

    def time(self) -> float:
        """Seconds since the epoch: the start plus every advance."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """The sum of all advances, in seconds."""
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time cannot go back: {seconds} s")
        self._elapsed += seconds


def rfc3339(seconds: float) -> str:
    """A moment as the wire writes it: UTC, microseconds, ``Z`` (protocol EVT-1)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
