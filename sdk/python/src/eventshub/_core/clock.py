"""Where the client's time comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """What ``Clock.call_later`` gives; ``asyncio.TimerHandle`` is one."""

    def cancel(self) -> object:
        """Do not call. A call that is on its way already may still come."""
        ...


class Clock(Protocol):
    """All the time there is for a client: what it waits by, what it measures and what day it is.

    A test gives one that it moves itself. Not asked are the libraries underneath, which keep to real
    time: for connecting and the upgrade (``Timeouts.connect``), the closing handshake
    (``Timeouts.close``), WebSocket pings (``Keepalive``) and the phases of a REST call
    (``Timeouts.rest``).
    """

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call in the running event loop, once, ``delay`` seconds from now.

        Called in a running event loop only. May call from no other thread than the loop's.
        """
        ...
