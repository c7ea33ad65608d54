"""One subscriber, as the hub's core sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from .credentials import Principal
from .outbox import Outbox
from .rate import TokenBucket


class Manner(Enum):
    """What a peer sees of its connection's end."""

    CLOSE = auto()
    """A close frame, and time to answer it."""
    DROP = auto()
    """The end of the TCP connection alone."""
    RESET = auto()
    """An RST alone."""


@dataclass(frozen=True, slots=True)
class Impairment:
    """What a connection's socket is not to do, or not as it could."""

    is_mute: bool = False
    """Write nothing, not even a close frame."""
    is_deaf: bool = False
    """Read nothing."""
    rate: float | None = None
    """Write no more than so many bytes a second."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the hub ends a connection. The network layer carries it out."""

    code: int
    reason: str
    is_abrupt: bool = False
    """The peer is as good as gone: drop the connection right after the close frame."""
    manner: Manner = Manner.CLOSE


class Writer(Protocol):
    """A transport, as far as the hub's core knows it."""

    def write(self, data: bytes, /) -> object:
        """Take bytes to be written."""
        ...

    def is_closing(self) -> bool:
        """Whether bytes would be lost."""
        ...


class Connection:
    """A subscriber's state. The network layer reads it; only the hub changes it."""

    __slots__ = (
        "address",
        "bucket",
        "connected_at",
        "ending",
        "id",
        "impairment",
        "is_pending",
        "last_ping",
        "last_ping_at",
        "last_pong",
        "last_pong_at",
        "outbox",
        "principal",
        "stalled_since",
        "subscriptions",
        "writer",
    )

    def __init__(
        self,
        client_id: str,
        principal: Principal,
        address: str,
        subscriptions: tuple[str, ...],
        outbox: Outbox,
        bucket: TokenBucket,
        now: float,
        wall: float,
    ) -> None:
        self.id = client_id
        self.principal = principal
        self.address = address
        self.subscriptions = subscriptions
        """Active channels, in the order in which the welcome lists them."""
        self.outbox = outbox
        self.bucket = bucket
        self.connected_at = wall
        self.last_ping = now
        """When the last ping was queued, on the monotonic clock; the connection's start before the first."""
        self.last_pong = now
        self.last_ping_at: float | None = None
        self.last_pong_at: float | None = None
        self.stalled_since: float | None = None
        """Since when frames wait because the peer does not read, on the monotonic clock."""
        self.ending: Ending | None = None
        """Set when the hub has decided to close; nothing the peer sends counts from then on."""
        self.impairment: Impairment | None = None
        self.is_pending = False
        """Whether the connection is among those that have something to be written."""
        self.writer: Writer | None = None
        """What takes bytes at once, as long as nothing else is to be written or done before."""
