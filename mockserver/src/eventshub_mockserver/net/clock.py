"""Time in an event loop: the machine's clock, and waits that go by whatever clock there is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from ..core.clock import Clock, Timer


class SystemClock:
    """The machine's own clocks, and the running event loop's timers."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Have the running loop call ``callback`` when ``delay`` seconds have passed.

        Raises:
            RuntimeError: no event loop runs in this thread.
        """
        return asyncio.get_running_loop().call_later(max(0.0, delay), callback)


async def sleep(clock: Clock, seconds: float) -> None:
    """Wait until ``seconds`` have passed on ``clock``."""
    passed = asyncio.Event()
    timer = clock.call_later(seconds, passed.set)
    try:
        await passed.wait()
    finally:
        timer.cancel()


async def wait_within(clock: Clock, event: asyncio.Future[None], seconds: float) -> bool:
    """Wait for something, but no longer than ``seconds`` on ``clock``; say whether it came."""
    over = asyncio.Event()
    timer = clock.call_later(seconds, over.set)
    timeout = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait((event, timeout), return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        timeout.cancel()
    return event.done()
