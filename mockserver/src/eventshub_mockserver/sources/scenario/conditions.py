"""What a scenario waits for, and how it is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ...core.journal import Entry, Kind
from ..stage import Stage

_UPGRADED: Final = 101


class TooEarlyError(Exception):
    """What was waited for has come, but before it may; the text says so."""


@dataclass(frozen=True, slots=True)
class Match:
    """What met a condition."""

    entries: tuple[Entry, ...] = ()
    """Entries that meet no other condition any more."""
    client_id: str | None = None
    principal: str | None = None


class Condition(Protocol):
    """Something that clients do, or are."""

    def look(self, stage: Stage, fresh: list[Entry]) -> Match | None:
        """Look for it among what has met no condition yet, oldest first.

        Raises:
            TooEarlyError: it has come, but too early.
        """
        ...


@dataclass(frozen=True, slots=True)
class Connections:
    """At least so many live connections; none at all for 0."""

    count: int

    def look(self, stage: Stage, fresh: list[Entry]) -> Match | None:
        """See ``Condition``."""
        del fresh
        guests = stage.guests
        if len(guests) < self.count or (self.count == 0 and guests):
            return None
        return Match(client_id=guests[0].id, principal=guests[0].principal) if guests else Match()

    def __str__(self) -> str:
        if self.count == 0:
            return "no connection"
        return f"{self.count} connection{'s' if self.count > 1 else ''} or more"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A live connection that has these channels; the latest, if there are several."""

    channels: frozenset[str]

    def look(self, stage: Stage, fresh: list[Entry]) -> Match | None:
        """See ``Condition``."""
        del fresh
        for guest in reversed(stage.guests):
            if self.channels <= guest.subscriptions:
                return Match(client_id=guest.id, principal=guest.principal)
        return None

    def __str__(self) -> str:
        return f"a connection subscribed to {', '.join(sorted(self.channels))}"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An entry of the journal with these facts."""

    kind: Kind
    facts: Mapping[str, Any]
    what: str

    def look(self, stage: Stage, fresh: list[Entry]) -> Match | None:
        """See ``Condition``."""
        del stage
        for entry in fresh:
            if entry.kind is self.kind and all(getattr(entry, k) == v for k, v in self.facts.items()):
                return Match((entry,), entry.connection, entry.principal)
        return None

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True)
class Removal:
    """A request that unsubscribes from exactly these channels."""

    channels: frozenset[str]

    def look(self, stage: Stage, fresh: list[Entry]) -> Match | None:
        """See ``Condition``."""
        del stage
        for entry in fresh:
            if entry.kind is Kind.UNSUBSCRIBED and frozenset(entry.channels) == self.channels:
                return Match((entry,), entry.connection, entry.principal)
        return None

    def __str__(self) -> str:
        return f"a request that unsubscribes from {', '.join(sorted(self.channels))}"


@dataclass(frozen=True, slots=True)
class Reconnection:
    """A connection's end and a new one with the same credential; refused attempts may come between."""

    min_delay: float = 0.0

    def look(self, stage: Stage, fresh: list[Entry]) -> Match | None:
        """See ``Condition``."""
        del stage
        closed = next((entry for entry in fresh if entry.kind is Kind.CLOSED), None)
        if closed is None:
            return None
        for entry in fresh:
            if entry.kind is not Kind.HANDSHAKE or entry.number < closed.number:
                continue
            if entry.principal not in (None, closed.principal):
                continue
            waited = entry.elapsed - closed.elapsed
            if waited < self.min_delay:
                least = f"{self.min_delay:g} s"
                raise TooEarlyError(f"an attempt came after {waited:.3f} s, before {least} had passed")
            if entry.status == _UPGRADED:
                return Match((closed, entry), entry.connection, entry.principal)
        return None

    def __str__(self) -> str:
        least = f", not before {self.min_delay:g} s" if self.min_delay else ""
        return f"a connection to end and to be made again{least}"


def condition_of(given: Mapping[str, Any]) -> Condition:
    """The condition of a step whose templates have been replaced and whose shape has been checked."""
    name = next(key for key in given if key in CONDITIONS)
    value = given[name]
    match name:
        case "connections":
            return Connections(value)
        case "subscription":
            return Subscription(frozenset(value))
        case "unsubscribe":
            return Removal(frozenset(value))
        case "reconnect":
            return Reconnection(value.get("min_delay", 0.0))
        case "disconnect":
            return Occurrence(Kind.CLOSED, {}, "a connection to end")
        case "handshake":
            credential = value.get("credential")
            facts = {"status": value["status"]} | ({} if credential is None else {"principal": credential})
            whose = "" if credential is None else f" with the credential {credential}"
            return Occurrence(Kind.HANDSHAKE, facts, f"a handshake answered with {value['status']}{whose}")
        case _:
            what = f"the command {value['channel']}/{value['message']} from a client"
            return Occurrence(Kind.RECEIVED, dict(value), what)


CONDITIONS: Final = (
    "connections",
    "subscription",
    "command",
    "unsubscribe",
    "disconnect",
    "reconnect",
    "handshake",
)
