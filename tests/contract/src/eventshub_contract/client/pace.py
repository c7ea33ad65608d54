"""How fast a client is expected to act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """Bounds on a client's times, in seconds. They bound what is waited for, and say what is too late."""

    longest_delay: float
    """The longest pause between two attempts to connect, whatever `Retry-After` adds."""
    attempts: int
    """How many attempts are watched to see how delays grow."""
    pong_timeout: float
    """The longest a client may wait for a pong."""
    handshake_timeout: float
    """The longest a client may wait for an answer to its handshake."""
    ping_interval: float
    """The longest pause between two JSON pings."""
    conflict_limit: float
    """The longest a client may go on after a first 409."""
    silence: float
    """How long to watch for an attempt that must not come."""
    healthy_time: float
    """How long a connection holds that counts as healthy, so that delays begin anew after it."""
    retry_after: int
    """What the hub says in `Retry-After`."""


FAST: Final = Pace(
    longest_delay=1.0,
    attempts=8,
    pong_timeout=3.0,
    handshake_timeout=5.0,
    ping_interval=0.5,
    conflict_limit=2.0,
    silence=2.5,
    healthy_time=3.0,
    retry_after=2,
)
"""For a command that takes ``EVENTSHUB_JUDGE_FAST=1`` to heart."""

REAL: Final = Pace(
    longest_delay=30.0,
    attempts=5,
    pong_timeout=60.0,
    handshake_timeout=60.0,
    ping_interval=45.0,
    conflict_limit=150.0,
    silence=20.0,
    healthy_time=75.0,
    retry_after=12,
)
"""For a client as it is."""
