"""Where events wait for the application; it outlives the connections that fill it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from .._core.buffer import EventBuffer, Item
from .._core.notices import Notice
from ..exceptions import BufferOverflowError, NotConnectedError


class Signal(Protocol):
    """What wakes who waits for items: an event of asyncio or of threading."""

    def set(self) -> None:
        """Wake them all."""
        ...

    def clear(self) -> None:
        """Wait again."""
        ...


class Watcher:
    """Somebody waits for one item of a kind, and gets it instead of the stream."""

    def __init__(self, wants: Callable[[Item], bool]) -> None:
        self.wants = wants
        self.outcome: asyncio.Future[Item] = asyncio.get_running_loop().create_future()

    def take(self, item: Item) -> bool:
        """Take the item, if it is wanted."""
        if self.outcome.done():
            return False
        try:
            is_wanted = self.wants(item)
        except Exception as error:  # noqa: BLE001 - whatever the application's condition raises, it is told
            self.outcome.set_exception(error)
            return False
        if is_wanted:
            self.outcome.set_result(item)
        return is_wanted

    def fail(self, error: Exception) -> None:
        """There is nothing to wait for any more."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class Inbox:
    """The buffer, who waits at its ends, and how it ends.

    Items may be taken by threads other than the event loop's, which does everything else.
    """

    def __init__(self, buffer: EventBuffer, readable: Signal) -> None:
        self.buffer = buffer
        self.items: deque[Item] = buffer.items
        self.readable = readable
        self.watchers: list[Watcher] = []
        """Each is offered what comes in before it joins the stream."""
        self.is_paused: bool = False
        """Whether somebody waits for room."""
        self.failure: Exception | None = None
        self.is_closed: bool = False
        self._resume: Callable[[], object] | None = None
        self._room = asyncio.Event()

    def tell(self, notice: Notice) -> None:
        """Add a notice behind what waits."""
        if self.offer(notice):
            return
        self.items.append(notice)
        if self.buffer.when_full == "drop_oldest" and len(self.items) > self.buffer.limit:
            self.buffer.shed()
        self.readable.set()

    def offer(self, item: Item) -> bool:
        """Give an item to the first who waits for its like; false when nobody does."""
        return any(watcher.take(item) for watcher in self.watchers)

    def take_first(self, watcher: Watcher) -> bool:
        """Give a watcher the first item it wants of those that wait; the others stay where they are."""
        for item in self._waiting():
            if watcher.take(item):
                if self._remove(item):
                    return True
                # Another thread was quicker.
                watcher.outcome = asyncio.get_running_loop().create_future()
            if watcher.outcome.done():
                return True
        return False

    def give_back(self, watcher: Watcher) -> None:
        """Put what a watcher took back in its place, which was first: nobody is there to take it from it."""
        outcome = watcher.outcome
        if outcome.done() and not outcome.cancelled() and outcome.exception() is None:
            self.items.appendleft(outcome.result())
            self.readable.set()

    def is_full(self, *, awaits_reply: bool) -> bool:
        """Whether reading has to stop. Who waits for an event waits, like for a reply, behind others."""
        return self.buffer.is_full(awaits_reply=awaits_reply or bool(self.watchers))

    def pause(self, resume: Callable[[], object]) -> None:
        """Call ``resume`` once there is room."""
        self.is_paused = True
        self._resume = resume
        for watcher in self.watchers:
            watcher.fail(BufferOverflowError(len(self.items) - 1))

    def has_room(self, *, awaits_reply: bool) -> bool:
        """Whether reading that had stopped can go on."""
        return self.buffer.has_room(awaits_reply=awaits_reply or bool(self.watchers))

    def read_on(self, *, awaits_reply: bool) -> None:
        """Resume what was paused, if there is room again."""
        if self.is_paused and self.has_room(awaits_reply=awaits_reply):
            self.is_paused = False
            resume, self._resume = self._resume, None
            if resume is not None:
                resume()

    async def wait_for_room(self) -> None:
        """Wait until a new connection may fill the buffer; the old one's pause is over."""
        if self.is_full(awaits_reply=False):
            self._room.clear()
            self.pause(self._room.set)
            # Another thread may have emptied it just now.
            self.read_on(awaits_reply=False)
            await self._room.wait()
        self.is_paused = False
        self._resume = None

    def end(self, failure: Exception) -> None:
        """Nothing comes any more; the failure follows what waits."""
        self.failure = failure
        for watcher in self.watchers:
            watcher.fail(failure)
        self.readable.set()

    def close(self) -> None:
        """The application wants nothing any more."""
        self.is_closed = True
        self.items.clear()
        for watcher in self.watchers:
            watcher.fail(NotConnectedError("the subscription was closed"))
        self.readable.set()

    def _waiting(self) -> list[Item]:
        while True:
            try:
                return list(self.items)
            except RuntimeError:
                # Another thread took an item meanwhile.
                continue

    def _remove(self, item: Item) -> bool:
        while True:
            try:
                self.items.remove(item)
            except ValueError:
                return False
            except (IndexError, RuntimeError):
                # Another thread took an item meanwhile.
                continue
            return True
