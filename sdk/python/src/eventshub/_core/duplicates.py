"""Which events came before."""

from __future__ import annotations

from typing import Any, cast

from .invalid import InvalidEvent
from .message import Message

REMEMBERED = 16_384


class RecentIds:
    """The IDs of the last events, so that repeats are known as such; the oldest are forgotten."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        # A dict keeps the order in which its keys came.
        self._seen: dict[str, None] = {}

    def is_repeat(self, item: Message | InvalidEvent) -> bool:
        """Whether an event with this ID was seen before; from now on it was. Without an ID, no."""
        event_id = _event_id(item)
        if event_id is None:
            return False
        if event_id in self._seen:
            return True
        self._seen[event_id] = None
        if len(self._seen) > self._limit:
            del self._seen[next(iter(self._seen))]
        return False


def _event_id(item: Message | InvalidEvent) -> str | None:
    if isinstance(item, InvalidEvent):
        return None
    event_id: object = getattr(item, "id", None)
    if event_id is None:
        # The header of an unknown message does not hold it.
        payload: object = item.payload
        event_id = cast("dict[str, Any]", payload).get("id") if isinstance(payload, dict) else None
    return event_id if isinstance(event_id, str) and event_id else None
