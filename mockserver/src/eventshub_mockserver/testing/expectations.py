"""What a test may expect of a conversation, and how it is found in a hub's journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from .._generated.protocol import PROTOCOL
from ..core.entry import Entry, Kind
from ..core.journal import Journal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scene:
    """A hub at one moment, as expectations see it."""

    journal: Journal
    shown: Journal
    """The same for conditions of the test, which remembers what they read."""
    met: Collection[int]
    """Numbers of entries that have met an expectation."""
    connections: Sequence[Mapping[str, Any]]
    """Live connections, as ``/v1/ws/clients`` shows them."""
    now: float
    """Seconds since the hub's start."""

    def fresh(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Those that have met no expectation yet."""
        return (entry for entry in entries if entry.number not in self.met)


class UnmetError(Exception):
    """An expectation cannot be met any more; the text says why."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What an expectation was met by."""

    value: T
    entries: tuple[Entry, ...] = ()
    """The entries that have served their turn and meet no other expectation."""


@dataclass(frozen=True, slots=True)
class Expectation(Generic[T]):
    """Something that is to come true."""

    what: str
    """It in words, to follow "expected"."""
    look: Callable[[Scene], Found[T] | None]
    """Looks for it.

    Raises:
        UnmetError: it cannot come true any more.
    """


def subscription(channels: Collection[str], always: Collection[str]) -> Expectation[str]:
    """A live connection with exactly these channels, besides those that all have; gives its client ID.

    Raises:
        TypeError: a text was given, which is a collection of letters.
    """
    if isinstance(channels, str):
        raise TypeError(f"channels must be a set such as {{{channels!r}}}, got {channels!r}")
    wanted = set(channels) - set(always)

    def look(scene: Scene) -> Found[str] | None:
        for connection in scene.connections:
            if connection["is_alive"] and set(connection["event_subscriptions"]) - set(always) == wanted:
                return Found(str(connection["id"]))
        return None

    return Expectation(f"a connection subscribed to {_listed(wanted)}", look)


def command(channel: str, message: str) -> Expectation[Entry]:
    """A command from a client."""

    def look(scene: Scene) -> Found[Entry] | None:
        return _first(scene.fresh(scene.journal.received(channel, message)))

    known = "" if (channel, message) in PROTOCOL.commands else ", which the spec does not have"
    return Expectation(f"the command {channel}/{message} from a client{known}", look)


def unsubscription(channels: Collection[str]) -> Expectation[Entry]:
    """A request that removed exactly these channels from a connection."""
    wanted = set(channels)

    def look(scene: Scene) -> Found[Entry] | None:
        return _first(
            entry
            for entry in scene.fresh(scene.journal.select(Kind.UNSUBSCRIBED))
            if set(entry.channels) == wanted
        )

    return Expectation(f"a request that unsubscribes from {_listed(wanted)}", look)


def error(match: str | None) -> Expectation[Entry]:
    """A message from a client that was answered with an error whose text has a match."""
    pattern = re.compile(match or "")

    def look(scene: Scene) -> Found[Entry] | None:
        rejected = scene.fresh(scene.journal.select(Kind.REJECTED))
        return _first(entry for entry in rejected if pattern.search(entry.detail))

    like = f" like {match!r}" if match else ""
    return Expectation(f"a message from a client that is answered with an error{like}", look)


def refusal(status: int) -> Expectation[Entry]:
    """A handshake or another request that was answered with a status."""

    def look(scene: Scene) -> Found[Entry] | None:
        return _first(scene.fresh(scene.journal.select(Kind.HANDSHAKE, Kind.REST, status=status)))

    return Expectation(f"a request that is answered {status}", look)


def scenario_end(name: str | None) -> Expectation[Entry]:
    """The end of a scenario, of any that was running if no name is given."""

    def look(scene: Scene) -> Found[Entry] | None:
        said = scene.fresh(scene.journal.select(Kind.SCENARIO))
        return _first(
            entry
            for entry in said
            if entry.detail == f"{name}: ends" or (not name and entry.detail.endswith(": ends"))
        )

    return Expectation(f"the end of the scenario {name}" if name else "the end of a scenario", look)


def reconnection(within: float, min_delay: float) -> Expectation[Entry]:
    """An accepted handshake after a connection's end, with the same credential, not too late nor too early.

    Attempts that were refused do not count, except that none may come too early.
    """

    def look(scene: Scene) -> Found[Entry] | None:
        closed = next(scene.fresh(scene.journal.closes()), None)
        if closed is None:
            return None
        attempts = scene.journal.select(Kind.HANDSHAKE, after=closed.number, principal=closed.principal)
        for attempt in scene.fresh(attempts):
            waited = attempt.elapsed - closed.elapsed
            if waited < min_delay:
                raise UnmetError(f"it came after {waited:.3f} s already, too early")
            if waited > within:
                raise UnmetError(f"it came after {waited:.3f} s, too late")
            if attempt.status == HTTPStatus.SWITCHING_PROTOCOLS:
                return Found(attempt, (closed, attempt))
        if scene.now - closed.elapsed > within:
            raise UnmetError(f"{within:g} s have passed since the connection's end")
        return None

    least = f" and not before {min_delay:g} s" if min_delay else ""
    return Expectation(f"a connection to end and a new one within {within:g} s of that{least}", look)


def condition(holds: Callable[[Journal], object]) -> Expectation[None]:
    """Whatever a test says of the whole journal."""

    def look(scene: Scene) -> Found[None] | None:
        return Found(None) if holds(scene.shown) else None

    return Expectation("the condition to hold", look)


def _first(entries: Iterable[Entry]) -> Found[Entry] | None:
    found = next(iter(entries), None)
    return None if found is None else Found(found, (found,))


def _listed(channels: Collection[str]) -> str:
    listed = ", ".join(sorted(channels)) or "nothing of its own"
    unknown = ", ".join(sorted(set(channels) - set(PROTOCOL.channels)))
    return f"{listed} (the spec has no channel {unknown})" if unknown else listed
