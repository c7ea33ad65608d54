"""Where events wait for the application; it outlives the connections that fill it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .._core.buffer import EventBuffer, Item
from .._core.notices import Notice


class Inbox:
    """The buffer, who waits at its ends, and how it ends."""

    def __init__(self, buffer: EventBuffer) -> None:
        self.buffer = buffer
        self.items = buffer.items
        self.readable = asyncio.Event()
        self.is_paused = False
        """Whether somebody waits for room."""
        self.failure: Exception | None = None
        self.is_closed = False
        self._resume: Callable[[], object] | None = None
        self._room = asyncio.Event()

    def tell(self, notice: Notice) -> None:
        """Add a notice behind what waits."""
        self.items.append(notice)
        if self.buffer.when_full == "drop_oldest" and len(self.items) > self.buffer.limit:
            self.buffer.shed()
        self.readable.set()

    def pause(self, resume: Callable[[], object]) -> None:
        """Call ``resume`` once there is room."""
        self.is_paused = True
        self._resume = resume

    def read_on(self, *, awaits_reply: bool) -> None:
        """Resume what was paused, if there is room again."""
        if self.is_paused and self.buffer.has_room(awaits_reply=awaits_reply):
            self.is_paused = False
            resume, self._resume = self._resume, None
            if resume is not None:
                resume()

    async def wait_for_room(self) -> None:
        """Wait until a new connection may fill the buffer; the old one's pause is over."""
        if self.buffer.is_full(awaits_reply=False):
            self._room.clear()
            self.pause(self._room.set)
            await self._room.wait()
        self.is_paused = False
        self._resume = None

    def end(self, failure: Exception) -> None:
        """Nothing comes any more; the failure follows what waits."""
        self.failure = failure
        self.readable.set()

    def close(self) -> None:
        """The application wants nothing any more."""
        self.is_closed = True
        self.items.clear()
        self.readable.set()

    async def next_item(self) -> Item | None:
        """Wait for the next item; None after ``close``.

        Raises:
            Exception: what ``end`` was given, when all items before that have been handed out.
        """
        while not self.items:
            if self.is_closed:
                return None
            if self.failure is not None:
                raise self.failure.with_traceback(None)
            self.readable.clear()
            await self.readable.wait()
        return self.items.popleft()
