"""Writes a hub's journal, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final

import msgspec

from .clock import Clock
from .connection import Connection
from .entry import Entry, Kind
from .frames import text_of
from .journal import Journal, Reading
from .limits import Limits
from .outbox import Frame, Outbox

_ENTRY_SIZE: Final = 512
"""What an entry without text weighs, roughly, in bytes."""


class Recorder:
    """Notes what happens as it happens; when it is full the oldest entries go."""

    def __init__(
        self, limits: Limits, clock: Clock, discriminators: tuple[tuple[str, ...], ...], started: float
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._discriminators = discriminators
        self._started = started
        self._entries: deque[Entry] = deque()
        self._size = 0
        self._number = 0
        self._dropped = 0
        self.listeners: list[Callable[[], object]] = []
        """Called after each entry."""

    def journal(self, reading: Reading | None = None) -> Journal:
        """All that is remembered now; ``reading`` is told what it is asked for."""
        return Journal(tuple(self._entries), self._dropped, reading)

    @property
    def last_number(self) -> int:
        """The number of the latest entry."""
        return self._number

    def entries_after(self, number: int) -> list[Entry]:
        """What is remembered with a higher number, oldest first; costs no more than what it gives."""
        later = takewhile(lambda entry: entry.number > number, reversed(self._entries))
        return list(later)[::-1]

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        self._entries.clear()
        self._size = self._dropped = 0

    def note(self, kind: Kind, connection: Connection | None = None, **facts: Any) -> None:
        """Add an entry; ``facts`` are attributes of ``Entry``."""
        if connection is not None:
            facts = {"connection": connection.id, "principal": connection.principal.name, **facts}
        self._number += 1
        elapsed = self._clock.monotonic() - self._started
        entry = Entry(number=self._number, time=self._clock.time(), elapsed=elapsed, kind=kind, **facts)
        self._entries.append(entry)
        self._size += _size(entry)
        while len(self._entries) > self._limits.journal_entries or self._size > self._limits.journal_size:
            self._size -= _size(self._entries.popleft())
            self._dropped += 1
        for listener in self.listeners:
            listener()

    def note_message(self, kind: Kind, connection: Connection, text: str) -> None:
        """Add an entry about a message, under the names that it bears."""
        channel, message = self._names(text)
        self.note(kind, connection, channel=channel, message=message, text=text)

    def note_published(self, frame: Frame, recipients: int) -> None:
        """Add an entry about an event that is about to be queued; its text comes with those that are sent."""
        channel, message = self._names(text_of(frame.wire))
        self.note(Kind.PUBLISHED, channel=channel, message=message, recipients=recipients)

    def outbox(self) -> RecordedOutbox:
        """A queue for a connection that is about to open."""
        return RecordedOutbox(self._limits.queue_size, self)

    def _names(self, text: str) -> tuple[str | None, str | None]:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return None, None
        found = (
            next((frame[key] for key in keys if isinstance(frame.get(key), str)), None)
            for keys in self._discriminators
        )
        channel, message, *_ = (*found, None, None)
        return channel, message


class RecordedOutbox(Outbox):
    """A connection's queue that tells a recorder what leaves it."""

    __slots__ = ("_recorder", "connection")

    def __init__(self, limit: int, recorder: Recorder) -> None:
        super().__init__(limit)
        self._recorder = recorder
        self.connection: Connection | None = None
        """Whose queue it is; set once the connection exists."""

    def put(self, frame: Frame) -> None:
        """Queue a frame behind all others."""
        oldest, evicted = (self._frames[0] if self._frames else frame), self.evicted
        super().put(frame)
        if self.evicted > evicted:
            self._note(Kind.EVICTED, oldest)

    def evict_all(self) -> None:
        """Lose everything that waits, as if the queue were too short for it."""
        for frame in self._frames:
            self._note(Kind.EVICTED, frame)
        super().evict_all()

    def take(self, size: int) -> bytes:
        """Remove whole frames of about ``size`` bytes, at least one if any, as one piece to write."""
        waiting, had_ping, sent = tuple(self._frames), bool(self._control), self.sent
        wire = super().take(size)
        if had_ping and self.connection is not None:
            self._recorder.note(Kind.PING, self.connection)
        for frame in waiting[: self.sent - sent]:
            self._note(Kind.SENT, frame)
        return wire

    def _note(self, kind: Kind, frame: Frame) -> None:
        if self.connection is not None:
            self._recorder.note_message(kind, self.connection, text_of(frame.wire))


def _size(entry: Entry) -> int:
    return _ENTRY_SIZE + entry.size
