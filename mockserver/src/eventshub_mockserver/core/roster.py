"""Live connections: by client ID, by channel, by address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from .connection import Connection
from .slots import AddressSlots


class Roster:
    """Who is connected and subscribed to what."""

    def __init__(self, channels: Sequence[str], slots: AddressSlots) -> None:
        self.by_id: dict[str, Connection] = {}
        self.slots = slots
        self.alike: dict[frozenset[str], dict[Connection, None]] = {}
        """Connections by the set of their channels."""
        self._by_channel: dict[str, dict[Connection, None]] = {channel: {} for channel in channels}
        self._sent_to_gone = 0
        self._evicted_of_gone = 0

    def add(self, connection: Connection) -> None:
        """Enter a connection, whose slot has been taken."""
        self.by_id[connection.id] = connection
        for channel in connection.subscriptions:
            self._by_channel[channel][connection] = None
        self.alike.setdefault(frozenset(connection.subscriptions), {})[connection] = None

    def remove(self, connection: Connection) -> None:
        """Forget a connection and free its slot; harmless when that has been done."""
        if self.by_id.pop(connection.id, None) is None:
            return
        self.slots.release(connection.address)
        self._leave(connection, connection.subscriptions)
        self._leave_alike(connection)
        self._sent_to_gone += connection.outbox.sent
        self._evicted_of_gone += connection.outbox.evicted

    def unsubscribe(self, connection: Connection, channels: Iterable[str]) -> None:
        """Take a connection off channels that it has."""
        removed = set(channels)
        self._leave_alike(connection)
        connection.subscriptions = tuple(c for c in connection.subscriptions if c not in removed)
        self._leave(connection, removed)
        self.alike.setdefault(frozenset(connection.subscriptions), {})[connection] = None

    def recipients(self, channel: str) -> Collection[Connection]:
        """Who gets a broadcast; everybody when the spec has no such channel."""
        return self._by_channel.get(channel, self.by_id.values())

    @property
    def subscriber_counts(self) -> Mapping[str, int]:
        """Subscribed connections of each channel."""
        return {channel: len(connections) for channel, connections in self._by_channel.items()}

    @property
    def messages_sent(self) -> int:
        """Messages given to sockets since the start, those of connections now gone too (protocol OPS-2)."""
        return self._sent_to_gone + sum(c.outbox.sent for c in self.by_id.values())

    @property
    def messages_evicted(self) -> int:
        """Messages lost since the start because queues were full (protocol EVT-7)."""
        return self._evicted_of_gone + sum(c.outbox.evicted for c in self.by_id.values())

    def _leave(self, connection: Connection, channels: Iterable[str]) -> None:
        for channel in channels:
            self._by_channel[channel].pop(connection, None)

    def _leave_alike(self, connection: Connection) -> None:
        subscriptions = frozenset(connection.subscriptions)
        alike = self.alike[subscriptions]
        del alike[connection]
        if not alike:
            del self.alike[subscriptions]


def granted_channels(
    event_types: str | None, channels: Sequence[str], always: Sequence[str]
) -> tuple[str, ...]:
    """The channels of a new connection, from the query parameter (protocol CONN-2 to CONN-6).

    Names are trimmed and their case does not matter; unknown ones are
    dropped. The order is the requested one, what everybody has comes last
    unless it was asked for.
    """
    asked = [name.strip().lower() for name in (event_types or "").split(",")]
    known = {channel.lower(): channel for channel in channels}
    return tuple(dict.fromkeys([known[name] for name in asked if name in known] + list(always)))
