"""The hub as the sources see it that do more than publish."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import UNSET

from ..core.clock import Clock
from ..core.connection import Ending
from ..core.credentials import ApiKey, Authenticator, Token
from ..core.frames import is_sendable
from ..core.hub import Hub, Published, UnknownClientError
from ..core.journal import Entry, Kind
from ..core.message import Message
from ..core.outbox import Frame
from ..faults.injector import FaultInjector

MOST_FAILURES: Final = 1000
_LOG = logging.getLogger("eventshub_mockserver")


@dataclass(frozen=True, slots=True)
class Guest:
    """A live connection."""

    id: str
    """Its client ID."""
    principal: str
    """The name of its credential."""
    subscriptions: frozenset[str]


@dataclass(frozen=True, slots=True)
class ScenarioFailure:
    """Something that a scenario expected and that did not come, or that kept it from going on."""

    scenario: str
    place: str
    """File, line and column of the step."""
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Stage:
    """What can be done to a hub and seen of it, without a socket in sight."""

    def __init__(
        self,
        hub: Hub,
        faults: FaultInjector,
        authenticator: Authenticator,
        credentials: Sequence[Token | ApiKey] = (),
    ) -> None:
        self._hub = hub
        self._authenticator = authenticator
        self._credentials = tuple(credentials)
        self.faults = faults
        """What the hub is to do wrong."""
        self.failures: deque[ScenarioFailure] = deque(maxlen=MOST_FAILURES)
        """What has been reported with ``fail``, the latest ``MOST_FAILURES``."""

    @property
    def clock(self) -> Clock:
        """The hub's clock."""
        return self._hub.clock

    @property
    def always_subscribed(self) -> frozenset[str]:
        """The channels that every connection has."""
        return frozenset(self._hub.protocol.always_subscribed)

    @property
    def guests(self) -> list[Guest]:
        """Live connections, oldest first."""
        return [
            Guest(connection.id, connection.principal.name, frozenset(connection.subscriptions))
            for connection in self._hub.roster.by_id.values()
            if connection.ending is None
        ]

    @property
    def longest_queue(self) -> int:
        """How many messages wait for the subscriber that is furthest behind."""
        return max((c.outbox.depth for c in self._hub.roster.by_id.values()), default=0)

    @property
    def queue_size(self) -> int:
        """How many messages may wait for one subscriber."""
        return self._hub.limits.queue_size

    def publish(
        self,
        channel: str,
        message: str,
        body: object = UNSET,
        *,
        client_id: str | None = None,
        unchecked: bool = False,
    ) -> Published:
        """Publish an event by its name; see ``Hub.publish``."""
        return self._hub.publish(channel, message, body, client_id=client_id, unchecked=unchecked)

    def publish_message(self, message: Message, *, client_id: str | None = None) -> Published:
        """Publish an event built from its class; see ``Hub.publish_message``."""
        return self._hub.publish_message(message, client_id=client_id)

    def publish_frame(self, frame: Mapping[str, Any]) -> Published:
        """Publish a whole frame; see ``Hub.publish_frame``."""
        return self._hub.publish_frame(frame)

    @property
    def broadcast_listeners(self) -> list[Callable[[Frame], object]]:
        """See ``Hub.broadcast_listeners``."""
        return self._hub.broadcast_listeners

    def send(self, client_id: str, wire: bytes) -> None:
        """Queue bytes for one connection's socket as they are, behind what waits.

        Raises:
            UnknownClientError: no connection has the client ID.
        """
        connection = self._hub.roster.by_id.get(client_id)
        if connection is None:
            raise UnknownClientError(f"no connection has the client ID {client_id!r}")
        self._hub.enqueue(connection, Frame("", wire, is_targeted=True))

    def close(self, code: int, reason: str, *, client_id: str | None = None, is_abrupt: bool = False) -> int:
        """End one connection or all, and say how many; an abrupt end drops what waits.

        Raises:
            ValueError: the code may not go over the wire (RFC 6455, section 7.4).
            UnknownClientError: no connection has the client ID.
        """
        if not is_sendable(code):
            raise ValueError(f"close code {code} may not go over the wire: use 1000 to 1014 or 3000 to 4999")
        by_id = self._hub.roster.by_id
        if client_id is not None and client_id not in by_id:
            raise UnknownClientError(f"no connection has the client ID {client_id!r}")
        connections = list(by_id.values()) if client_id is None else [by_id[client_id]]
        for connection in connections:
            self._hub.end(connection, Ending(code, reason, is_abrupt))
        return len(connections)

    def revoke(self, principal: str) -> bool:
        """Stop accepting a credential and close its connections with 1008 (protocol AUTH-7).

        Says whether there is, or may be, one of this name: names in signed tokens are not known beforehand.
        """
        is_known = self._authenticator.revoke(principal)
        self._hub.revoke(principal)
        return is_known

    def reconfigure(self, credentials: Iterable[Token | ApiKey]) -> None:
        """Accept these credentials alone from now on, sockets of those that are gone are closed (AUTH-7).

        A principal of whom nothing has changed stays as it is: revoked, if it was.
        """
        before, now = self._credentials, tuple(credentials)
        for name in {gone.name for gone in before if gone not in now}:
            self.revoke(name)
        changed = {one.name for one in set(before).symmetric_difference(now)}
        self._credentials = now
        self._authenticator.accept([one for one in now if one.name in changed])

    def restore(self, principal: str) -> bool:
        """Accept a configured credential, or who has signed tokens, again; whether there may be one."""
        found = [credential for credential in self._credentials if credential.name == principal]
        return self._authenticator.restore(principal, found)

    @property
    def revoked(self) -> int:
        """How many principals are revoked."""
        return self._authenticator.revoked

    @property
    def last_number(self) -> int:
        """The number of the journal's latest entry; 0 when the hub keeps none."""
        return 0 if self._hub.recorder is None else self._hub.recorder.last_number

    def entries_after(self, number: int) -> list[Entry]:
        """What the journal holds beyond an entry, oldest first; nothing when the hub keeps none."""
        return [] if self._hub.recorder is None else self._hub.recorder.entries_after(number)

    def note(self, text: str) -> None:
        """Write a line of one's own into the journal, if there is one."""
        if self._hub.recorder is not None:
            self._hub.recorder.note(Kind.SCENARIO, detail=text)

    def fail(self, failure: ScenarioFailure) -> None:
        """Report that something is not as a scenario expects it: in the log, the journal and ``failures``."""
        self.failures.append(failure)
        _LOG.error("scenario failed scenario=%s %s", failure.scenario, failure)
        self.note(f"{failure.scenario}: failed at {failure}")
