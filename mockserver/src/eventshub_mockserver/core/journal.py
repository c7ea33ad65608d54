"""What was said between a hub and its clients: entries, and questions to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast, overload

import msgspec

from .clock import rfc3339

_SHOWN: Final = 160


class Kind(StrEnum):
    """What an entry is about."""

    HANDSHAKE = "handshake"
    """A request for an upgrade and its answer: ``status`` is 101 when it was accepted."""
    PUBLISHED = "published"
    """An event was queued for ``recipients`` connections, perhaps for none."""
    SENT = "sent"
    """A message was given to a connection's socket."""
    RECEIVED = "received"
    """A message came from a client."""
    EVICTED = "evicted"
    """A message was lost because the connection's queue was full."""
    PING = "ping"
    """The hub sent a protocol ping."""
    PONG = "pong"
    """A protocol pong came from a client."""
    CLIENT_PING = "client-ping"
    """A protocol ping came from a client."""
    UNSUBSCRIBED = "unsubscribed"
    """A connection lost ``channels`` at its owner's request."""
    REST = "rest"
    """An HTTP request that is no handshake, and the status of its answer."""
    CLOSED = "closed"
    """A connection began to end, with ``status`` as its close code."""
    FAULT = "fault"
    """A fault that was asked for struck: ``fault`` is its ID and ``fault_number`` that of the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. What does not apply to its kind is ``None`` or empty."""

    number: int
    """Counts from 1 since the hub's start, evicted and cleared entries included."""
    time: float
    """Seconds since the epoch."""
    elapsed: float
    """Seconds since the hub's start, on a clock that never goes back."""
    kind: Kind
    connection: str | None = None
    """The connection's client ID."""
    principal: str | None = None
    """The name of the credential; never its secret."""
    channel: str | None = None
    message: str | None = None
    """The message's name within its channel."""
    text: str | None = None
    """A message as it was on the wire."""
    status: int | None = None
    """HTTP status, or close code."""
    channels: tuple[str, ...] = ()
    """The channels that a handshake was granted or an unsubscribe request removed."""
    recipients: int | None = None
    fault: str | None = None
    """A fault's ID in the catalogue."""
    fault_number: int | None = None
    """The number that a fault got when it was added."""
    detail: str = ""
    """A request's method and path, without its query; why something was refused or closed."""

    @property
    def data(self) -> Any:
        """The message, decoded; ``None`` when there is none or it is not JSON."""
        if self.text is None:
            return None
        try:
            return msgspec.json.decode(self.text)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return None

    def __str__(self) -> str:
        """The entry on a line."""
        status = "" if self.status is None else str(self.status)
        name = "/".join(part for part in (self.channel, self.message) if part)
        recipients = "" if self.recipients is None else f"to {self.recipients}"
        connection = "" if self.connection is None else f"[{self.connection[:8]}]"
        principal = "" if self.principal is None else f"as {self.principal}"
        fault = "" if self.fault is None else f"{self.fault} #{self.fault_number}"
        facts = (
            connection,
            principal,
            fault,
            status,
            name,
            recipients,
            ", ".join(self.channels),
            self.detail,
        )
        shown = [_printable(fact) for fact in (" ".join(filter(None, facts)), self._rest_of_text()) if fact]
        return f"{self.elapsed:9.3f}s {self.kind:<12} {' '.join(shown)}"

    def _rest_of_text(self) -> str:
        """The message without what a line says anyway, and without what is long and tells people nothing."""
        data = self.data
        if not isinstance(data, dict):
            return self.text or ""
        content = cast("dict[str, object]", data)
        told = (self.channel, self.message, self.connection)
        rest = {
            key: value
            for key, value in content.items()
            if key not in ("id", "timestamp") and value not in told
        }
        return msgspec.json.encode(rest).decode() if rest else ""


class Journal(Sequence[Entry]):
    """The entries of a hub up to one moment, oldest first; it does not change any more."""

    def __init__(self, entries: Sequence[Entry] = (), dropped: int = 0) -> None:
        self._entries = tuple(entries)
        self.dropped = dropped
        """Older entries that were given up because the journal was full."""

    def sent(
        self, channel: str | None = None, message: str | None = None, *, connection: str | None = None
    ) -> Journal:
        """Messages that went out, replies and errors among them."""
        return self.select(Kind.SENT, channel=channel, message=message, connection=connection)

    def received(
        self, channel: str | None = None, message: str | None = None, *, connection: str | None = None
    ) -> Journal:
        """Messages that came in, whether or not the spec knows them."""
        return self.select(Kind.RECEIVED, channel=channel, message=message, connection=connection)

    def handshakes(self, status: int | None = None) -> Journal:
        """Requests for an upgrade, those answered with ``status`` if it is given."""
        return self.select(Kind.HANDSHAKE, status=status)

    def rest(self, status: int | None = None) -> Journal:
        """HTTP requests that are no handshakes."""
        return self.select(Kind.REST, status=status)

    def closes(self, *, connection: str | None = None) -> Journal:
        """Connections' ends."""
        return self.select(Kind.CLOSED, connection=connection)

    def select(self, *kinds: Kind, after: int = 0, **facts: object) -> Journal:
        """The entries of these kinds whose attributes are as given.

        Args:
            kinds: any of them; all kinds when none is given.
            after: leaves out entries with this number and lower ones.
            facts: attributes of ``Entry`` and their values; ``None`` for any.
        """
        wanted = {name: value for name, value in facts.items() if value is not None}
        return Journal(
            [
                entry
                for entry in self._entries
                if entry.number > after
                and (not kinds or entry.kind in kinds)
                and all(getattr(entry, name) == value for name, value in wanted.items())
            ],
            self.dropped,
        )

    def counts(self) -> Mapping[Kind, int]:
        """How many entries there are of each kind that occurs."""
        return Counter(entry.kind for entry in self._entries)

    def json_lines(self) -> str:
        """The entries as JSON Lines, one object each; attributes that do not apply are left out."""
        return "".join(msgspec.json.encode(_as_object(entry)).decode() + "\n" for entry in self._entries)

    def timeline(self, last: int = 200) -> str:
        """The ``last`` entries, one a line, for people to read."""
        if not self._entries:
            return "(the journal is empty)"
        left_out = self.dropped + max(0, len(self._entries) - last)
        head = [f"({left_out} earlier entries are not shown)"] if left_out else []
        return "\n".join(head + [str(entry) for entry in self._entries[-last:]])

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> Journal: ...

    def __getitem__(self, index: int | slice) -> Entry | Journal:
        if isinstance(index, slice):
            return Journal(self._entries[index], self.dropped)
        return self._entries[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} entries\n{self.timeline()}\n>"


def _printable(text: str) -> str:
    """Text from a peer for a terminal: bounded, on one line, without control characters."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def _as_object(entry: Entry) -> dict[str, Any]:
    fields = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    fields["time"] = rfc3339(entry.time)
    fields["elapsed"] = round(entry.elapsed, 6)
    return {name: value for name, value in fields.items() if value is not None and value not in ("", ())}
