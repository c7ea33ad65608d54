"""One thing that happened between a hub and its clients, as the journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast

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
    REJECTED = "rejected"
    """The message that came last from this client was answered with an error; ``detail`` says which."""
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
    CONTROL = "control"
    """A call of the control surface, and the status of its answer."""
    SCENARIO = "scenario"
    """A scenario has something to say: that it begins or ends, or that what it expects does not come."""
    FAULT = "fault"
    """A fault that was asked for struck: ``fault`` is its ID and ``fault_number`` that of the rule."""
    CLOSED = "closed"
    """A connection began to end, with ``status`` as its close code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as the journal keeps it. Values that may be secret are replaced by ``(not kept)``."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


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
    request: HttpRequest | None = None
    """The request that was answered."""

    @property
    def data(self) -> Any:
        """The message, decoded; ``None`` when there is none or it is not JSON."""
        if self.text is None:
            return None
        try:
            return msgspec.json.decode(self.text)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return None

    @property
    def size(self) -> int:
        """What it weighs in memory besides a constant, roughly, in bytes."""
        request = self.request
        pairs = () if request is None else (*request.query, *request.headers)
        path = "" if request is None else request.path
        return len(self.text or "") + len(self.detail) + len(path) + sum(len(n) + len(v) for n, v in pairs)

    def as_object(self) -> dict[str, Any]:
        """The entry as a JSON object, without what does not apply."""
        fields = {name: getattr(self, name) for name in Entry.__dataclass_fields__}
        fields["time"] = rfc3339(self.time)
        fields["elapsed"] = round(self.elapsed, 6)
        return {name: value for name, value in fields.items() if value is not None and value not in ("", ())}

    def __str__(self) -> str:
        """The entry on a line."""
        status = "" if self.status is None else str(self.status)
        name = "/".join(part for part in (self.channel, self.message) if part)
        recipients = "" if self.recipients is None else f"to {self.recipients}"
        connection = "" if self.connection is None else f"[{self.connection[:8]}]"
        principal = "" if self.principal is None else f"as {self.principal}"
        fault = "" if self.fault is None else f"{self.fault} #{self.fault_number}"
        channels = ", ".join(self.channels)
        facts = (connection, principal, fault, status, name, recipients, channels, self.detail)
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


def _printable(text: str) -> str:
    """Text from a peer for a terminal: bounded, on one line, without control characters."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
