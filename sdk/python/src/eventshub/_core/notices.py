"""What the stream tells of itself, in order with the events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from ..exceptions import EventsHubError


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The first connection is open: what follows came over it."""

    client_id: str
    channels: tuple[str, ...]
    """The channels that were granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The connection has ended: what the hub publishes from here on is not received."""

    error: EventsHubError
    """Why. When it is not followed by ``Reconnected``, iterating raises what kept the stream from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected:
    """There is a connection again, and a gap before it: there is no replay (protocol END-3)."""

    gap: timedelta
    """From the moment when the loss was noticed to the new welcome.

    A connection that dies without a word is noticed at the next deadline of the heartbeats, so
    events can be missing from some seconds before that moment.
    """
    attempts: int
    """How many it took."""
    client_id: str
    """Each connection has a new one."""
    channels: tuple[str, ...]
    """The channels that were granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Events that were received and dropped here, because the application did not take them in time."""

    count: int
    """How many events."""
    reconnects: int = 0
    """How many ``Reconnected`` were dropped with them, each a gap of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsRefused:
    """The connection lacks channels that were asked for: of those, nothing is received (protocol CONN-5).

    The hub says nothing of it: a name may be unknown to it, or not allowed for this credential.
    """

    channels: tuple[str, ...]
    """What was asked for and not granted."""
    granted: tuple[str, ...]


Gap: TypeAlias = Reconnected | Dropped | ChannelsRefused
"""From this point of the stream on, or at it, events are missing that were asked for."""
Notice: TypeAlias = Connected | Disconnected | Reconnected | Dropped | ChannelsRefused
"""All that the stream may tell of itself."""
NoticeChoice: TypeAlias = Literal["gaps", "all", "none"]


def with_likely_name(channel: str, others: Collection[str]) -> str:
    """A channel's name, and which of the others is meant if it seems mistyped."""
    from difflib import get_close_matches

    meant = get_close_matches(channel, others, n=1)
    return f"{channel} (is {meant[0]} meant?)" if meant else channel
