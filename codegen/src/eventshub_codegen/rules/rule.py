"""What a rule about changes is.

The question is always the same: does a client that was made for the old
document still work with a hub that does what the new one says?
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Flow(StrEnum):
    """Which way the data goes whose description changed."""

    TO_CLIENT = "to-client"
    """A message from the hub, or the answer of an endpoint."""
    TO_HUB = "to-hub"
    """A command, or what goes into an endpoint."""


class Audience(StrEnum):
    """Whom a change concerns."""

    RECEIVERS = "receivers"
    """Clients that read messages of the hub."""
    SENDERS = "senders"
    """Clients that send commands."""
    CALLERS = "callers"
    """Clients that call REST endpoints."""
    HUB = "hub"
    """Nobody but the hub, which has something to do that it had not before."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change. Whether it breaks a client depends on nothing but its rule and the flow."""

    id: str
    what: str
    breaks: frozenset[Flow]
    why: str
    hint: str = ""
    obliges_hub: frozenset[Flow] = frozenset()
    """Where no client has to do anything, but the hub has."""


NOBODY: frozenset[Flow] = frozenset()
READERS = frozenset([Flow.TO_CLIENT])
WRITERS = frozenset([Flow.TO_HUB])
EVERYBODY = READERS | WRITERS
