"""Waiting by a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic, time

from .._core.clock import Clock


class SystemClock:
    """The system's time, and the running event loop's timers."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time()

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return monotonic()

    def call_later(self, delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        """Call in the running event loop."""
        return asyncio.get_running_loop().call_later(delay, callback)


async def sleep(clock: Clock, delay: float) -> None:
    """Wait; with no delay, still let everything else have its turn."""
    if delay <= 0:
        await asyncio.sleep(0)
        return
    over = asyncio.Event()
    timer = clock.call_later(delay, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()
