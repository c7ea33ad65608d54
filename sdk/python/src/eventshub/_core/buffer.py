"""Events between the socket and the application: how many, and what happens when they are too many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, TypeAlias

from .invalid import InvalidEvent
from .message import Message
from .notices import ChannelsRefused, Connected, Disconnected, Dropped, Notice, Reconnected
from .settings import require_one_of

Item: TypeAlias = Message | InvalidEvent | Notice
WhenFull: TypeAlias = Literal["wait", "drop_oldest", "fail"]


class EventBuffer:
    """A bounded queue.

    With the policy ``wait``, reading stops when ``limit`` events wait for
    the application, and goes on when half of them are gone. While a command
    waits for its answer, which comes behind the events on the same socket,
    reading goes on up to twice the limit: an application that asks from
    within its own loop is answered. With ``drop_oldest`` and ``fail``,
    reading never stops.
    """

    __slots__ = ("_lock", "dropped", "items", "limit", "take", "tells_drops", "when_full")

    def __init__(
        self,
        limit: int,
        when_full: WhenFull = "wait",
        *,
        tells_drops: bool = True,
        lock: AbstractContextManager[object] | None = None,
    ) -> None:
        """Make an empty one.

        Args:
            limit: How many may wait.
            when_full: What happens then.
            tells_drops: Whether a ``Dropped`` takes the place of what is dropped.
            lock: Held to drop, and by ``take``, where other threads than the one that fills it take items.
        """
        if limit < 1:
            raise ValueError(f"the buffer must hold at least 1 event, not {limit}")
        require_one_of(WhenFull, "when_full", when_full)
        self.limit: int = limit
        self.when_full: WhenFull = when_full
        self.tells_drops: bool = tells_drops
        self.items: deque[Item] = deque()
        self._lock = lock or nullcontext()
        # Taking is atomic by itself; only with dropping it must not mix.
        is_locked = lock is not None and when_full == "drop_oldest"
        self.take: Callable[[], Item] = self._take if is_locked else self.items.popleft
        """Take the first item; IndexError when there is none. Safe in any thread."""
        self.dropped: int = 0
        """How many events were dropped so far."""

    def is_full(self, *, awaits_reply: bool) -> bool:
        """Whether reading has to stop."""
        if self.when_full != "wait":
            return False
        return len(self.items) >= (2 * self.limit if awaits_reply else self.limit)

    def has_room(self, *, awaits_reply: bool) -> bool:
        """Whether reading that had stopped goes on."""
        return len(self.items) <= self.limit // 2 or (awaits_reply and not self.is_full(awaits_reply=True))

    def shed(self) -> None:
        """Drop the oldest items beyond the limit; one ``Dropped`` takes the place of all of them."""
        with self._lock:
            self._shed()

    def _take(self) -> Item:
        with self._lock:
            return self.items.popleft()

    def _shed(self) -> None:
        items = self.items
        count = reconnects = 0
        while len(items) > self.limit:
            match items.popleft():
                case Dropped() as before:
                    count += before.count
                    reconnects += before.reconnects
                case Reconnected():
                    reconnects += 1
                case Connected() | Disconnected() | ChannelsRefused():
                    pass
                case _:
                    count += 1
                    self.dropped += 1
        if self.tells_drops and (count or reconnects):
            items.appendleft(Dropped(count=count, reconnects=reconnects))
