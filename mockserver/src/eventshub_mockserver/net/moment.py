"""Something that happens once and that few wait for."""

from __future__ import annotations

import asyncio


class Moment:
    """Has come or has not. An ``asyncio.Event`` takes six times the memory, for each connection."""

    __slots__ = ("_future", "has_come")

    def __init__(self) -> None:
        self.has_come = False
        self._future: asyncio.Future[None] | None = None

    def come(self) -> None:
        """It has come; harmless when it has before."""
        self.has_come = True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    def awaited(self) -> asyncio.Future[None]:
        """What is done when it has come; to be waited for, and not to be cancelled."""
        if self._future is None:
            self._future = asyncio.get_running_loop().create_future()
            if self.has_come:
                self._future.set_result(None)
        return self._future
