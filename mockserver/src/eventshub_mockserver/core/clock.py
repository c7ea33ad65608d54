"""Where the hub's time comes from: the machine, or a hand that turns it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Final, Protocol

import msgspec


class Timer(Protocol):
    """Something that is to happen."""

    def cancel(self) -> None:
        """Let it not happen; harmless when it has happened."""
        ...


class Clock(Protocol):
    """Two readings of the same passing time, and a way to be called when some has passed."""

    def time(self) -> float:
        """Seconds since the epoch, for timestamps; may be set back by the system."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment, for deadlines; never goes back."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Have ``callback`` called once when ``delay`` seconds have passed.

        In an event loop it is called in that loop.
        """
        ...


class ManualTimer:
    """A call that waits for a ``ManualClock``."""

    __slots__ = ("_callback", "due", "is_cancelled")

    def __init__(self, due: float, callback: Callable[[], object]) -> None:
        self.due = due
        """When it is to be called, as ``monotonic`` tells it."""
        self.is_cancelled = False
        self._callback = callback

    def cancel(self) -> None:
        """Let it not be called."""
        self.is_cancelled = True

    def fire(self) -> None:
        """Call it, unless it has been cancelled."""
        if not self.is_cancelled:
            self._callback()


class ManualClock:
    """A clock that moves only when told to, in one thread; hubs that listen need ``VirtualClock``."""

    def __init__(self, start: float = 1_764_929_730.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self._timers: list[tuple[float, int, ManualTimer]] = []
        self._numbers = count()

    def time(self) -> float:
        """Seconds since the epoch: the start plus every advance."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """The sum of all advances, in seconds."""
        return self._elapsed

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Have ``callback`` called by the advance that reaches its moment."""
        timer = ManualTimer(self._elapsed + max(0.0, delay), callback)
        self._add(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass, from one due call to the next, each at its own moment.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        end = self._end_of(seconds)
        while (timer := self._step(end)) is not None:
            timer.fire()

    def _end_of(self, seconds: float) -> float:
        if not 0 <= seconds < inf:
            raise ValueError(f"time passes by 0 seconds or more, and comes to an end: not by {seconds} s")
        return self._elapsed + seconds

    def _add(self, timer: ManualTimer) -> None:
        heappush(self._timers, (timer.due, next(self._numbers), timer))

    def _step(self, end: float) -> ManualTimer | None:
        """Move to the next due call and hand it over; to the end when there is none before it."""
        while self._timers and self._timers[0][0] <= end:
            due, _, timer = heappop(self._timers)
            if not timer.is_cancelled:
                self._elapsed = max(self._elapsed, due)
                return timer
        self._elapsed = max(self._elapsed, end)
        return None


_WITHOUT_FRACTION: Final = len("2030-01-01T00:00:00Z")


def rfc3339(seconds: float) -> str:
    """A moment as the wire writes it: UTC, microseconds, ``Z`` (protocol EVT-1)."""
    # An eighth of the time of strftime.
    text: str = msgspec.to_builtins(datetime.fromtimestamp(seconds, UTC))
    return text if len(text) > _WITHOUT_FRACTION else f"{text[:-1]}.000000Z"
