"""Writes slowly, for a connection whose bandwidth is limited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from ..core.clock import Clock, Timer

_INTERVAL: Final = 0.1
"""Seconds between two pieces, unless the rate is less than a byte in that time."""


class Throttle:
    """Writes what it is given piece by piece; give it more only when it is idle, so that it stays small."""

    def __init__(
        self, clock: Clock, transport: asyncio.WriteTransport, rate: float, on_idle: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._transport = transport
        self._rate = rate
        self._on_idle = on_idle
        self._left = b""
        self._timer: Timer | None = None

    @property
    def is_idle(self) -> bool:
        """Whether all is written, and long enough ago for more."""
        return self._timer is None

    def write(self, data: bytes) -> None:
        """Write as much as may go now and the rest in time."""
        self._left += data
        if self._timer is None:
            self._go_on()

    def finish(self) -> None:
        """Write the rest at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._left and not self._transport.is_closing():
            self._transport.write(self._left)
        self._left = b""

    def _go_on(self) -> None:
        self._timer = None
        if self._transport.is_closing():
            self._left = b""
            return
        size = max(1, int(self._rate * _INTERVAL))
        piece, self._left = self._left[:size], self._left[size:]
        if not piece:
            self._on_idle()
            return
        self._transport.write(piece)
        self._timer = self._clock.call_later(len(piece) / self._rate, self._go_on)
