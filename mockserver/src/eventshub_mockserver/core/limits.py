"""Every bound that the hub keeps, with its default."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on sizes, rates and waits. Times are in seconds, sizes in bytes.

    Raises:
        ValueError: a bound is not positive, or leaves a peer no time; the message names it.
    """

    ping_interval: float = 30.0
    """Between two protocol pings to one connection (protocol HB-1)."""
    pong_timeout: float = 45.0
    """Without a pong for this long a connection is dead (protocol HB-1)."""
    queue_size: int = 2048
    """Frames that wait for one connection before the oldest is evicted (protocol EVT-7)."""
    stall_timeout: float = 10.0
    """A connection that reads nothing for this long, with frames waiting, is closed 1013 (protocol EVT-7)."""
    message_size: int = 64 * 1024
    """Largest message from a client; more is close 1009 (protocol CMD-6)."""
    command_rate: float = 50.0
    """Messages a second that one connection may send for long; more is close 1008 (protocol CMD-6)."""
    command_burst: int = 100
    """Messages that one connection may send at once."""
    connections: int = 10_000
    """Connections in all; more are answered 503."""
    body_size: int = 64 * 1024
    """Largest body of a REST request; more is 413 (protocol UNSUB-5)."""
    header_size: int = 8190
    """Longest request line and longest header field; more is 431."""
    headers: int = 100
    """Header fields of one request; more is 400."""
    request_timeout: float = 15.0
    """For a whole request to arrive, and for an idle HTTP connection."""
    drain_timeout: float = 5.0
    """For queued frames to leave when the hub shuts down (protocol END-1)."""
    close_timeout: float = 2.0
    """For a peer to answer a close frame before its connection is dropped."""
    write_buffer: int = 64 * 1024
    """Bytes given to a connection's transport ahead of its peer's reading."""
    journal_entries: int = 10_000
    """Entries that the journal keeps, if there is one, before the oldest go."""
    journal_size: int = 8 * 1024 * 1024
    """What the journal's entries may weigh, roughly; beyond it the oldest go."""

    def __post_init__(self) -> None:
        for bound in fields(self):
            value = getattr(self, bound.name)
            if not value > 0:
                raise ValueError(f"{bound.name} must be positive, got {value!r}")
        if self.pong_timeout <= self.ping_interval:
            raise ValueError("pong_timeout must be longer than ping_interval, or no peer can answer in time")
