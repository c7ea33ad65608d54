"""Time that a test moves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable


class ManualTimer:
    """One call to come."""

    def __init__(self, due: float, call: Callable[[], object]) -> None:
        self.due = due
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class ManualClock:
    """Stands still but for ``advance``. Of the wall clock and the monotonic one, either can move alone.

    Made and moved in one event loop; timers may be set in another, in another thread.
    """

    def __init__(self) -> None:
        self.wall = 1_700_000_000.0
        self.now = 1000.0
        self.timers: list[ManualTimer] = []
        self._timer_set = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object]) -> ManualTimer:
        loop = asyncio.get_running_loop()
        timer = ManualTimer(self.now + delay, lambda: loop.call_soon_threadsafe(callback))
        with self._lock:
            self.timers.append(timer)
        self._loop.call_soon_threadsafe(self._timer_set.set)
        return timer

    @property
    def waiting(self) -> list[float]:
        """Seconds until each timer that was not cancelled."""
        with self._lock:
            self.timers = [timer for timer in self.timers if not timer.is_cancelled]
            return sorted(timer.due - self.now for timer in self.timers)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self.wall += seconds
            self.now += seconds
            due = [timer for timer in self.timers if timer.due <= self.now]
            self.timers = [timer for timer in self.timers if timer.due > self.now]
        for timer in due:
            if not timer.is_cancelled:
                timer.call()

    async def until_waiting(self, seconds: float) -> None:
        """Until somebody waits for about that long."""
        async with asyncio.timeout(10):
            while not any(abs(left - seconds) < 0.01 for left in self.waiting):
                await self._timer_set.wait()
                self._timer_set.clear()


class PromptClock(ManualClock):
    """Every wait is over at once."""

    def call_later(self, delay: float, callback: Callable[[], object]) -> ManualTimer:
        timer = super().call_later(delay, callback)
        self.advance(delay)
        return timer
