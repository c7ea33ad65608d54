"""Events between the socket and the application: how many, and what happens when they are too many."""

from __future__ import annotations

from collections import deque
from typing import Literal, TypeAlias

from .invalid import InvalidEvent
from .message import Message
from .notices import Connected, Disconnected, Dropped, Notice, Reconnected

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

    __slots__ = ("dropped", "items", "limit", "tells_drops", "when_full")

    def __init__(self, limit: int, when_full: WhenFull = "wait", *, tells_drops: bool = True) -> None:
        if limit < 1:
            raise ValueError(f"the buffer must hold at least 1 event, not {limit}")
        if when_full not in {"wait", "drop_oldest", "fail"}:
            raise ValueError(f"when_full must be 'wait', 'drop_oldest' or 'fail', not {when_full!r}")
        self.limit = limit
        self.when_full: WhenFull = when_full
        self.tells_drops = tells_drops
        """Whether a ``Dropped`` takes the place of what is dropped."""
        self.items: deque[Item] = deque()
        self.dropped = 0
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
        items = self.items
        count = reconnects = 0
        if items and isinstance(items[0], Dropped):
            count, reconnects = items[0].count, items[0].reconnects
            items.popleft()
        while len(items) > self.limit:
            match items.popleft():
                case Reconnected():
                    reconnects += 1
                case Connected() | Disconnected():
                    pass
                case _:
                    count += 1
                    self.dropped += 1
        if self.tells_drops and (count or reconnects):
            items.appendleft(Dropped(count=count, reconnects=reconnects))
