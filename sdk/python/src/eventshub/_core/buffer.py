"""Events between the socket and the application: how many, and when reading has to wait."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class EventBuffer(Generic[ItemT]):
    """A bounded queue whose policy is to make the hub wait.

    Reading stops when ``limit`` events wait for the application, and goes on
    when half of them are gone. While a command waits for its answer, which
    comes behind the events on the same socket, reading goes on up to twice
    the limit: an application that asks from within its own loop is answered.
    """

    __slots__ = ("items", "limit")

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"the buffer must hold at least 1 event, not {limit}")
        self.limit = limit
        self.items: deque[ItemT] = deque()

    def is_full(self, *, awaits_reply: bool) -> bool:
        """Whether reading has to stop."""
        return len(self.items) >= (2 * self.limit if awaits_reply else self.limit)

    def has_room(self, *, awaits_reply: bool) -> bool:
        """Whether reading that had stopped goes on."""
        return len(self.items) <= self.limit // 2 or (awaits_reply and not self.is_full(awaits_reply=True))
