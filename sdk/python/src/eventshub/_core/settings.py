"""What an application may tune."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, get_args


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for what, in seconds."""

    connect: float = 10.0
    """For TCP, TLS and the upgrade together."""
    welcome: float = 10.0
    """For the first frame after the upgrade."""
    reply: float = 10.0
    """For the answer to a command, unless the call says otherwise."""
    close: float = 5.0
    """For the closing handshake; after that the connection is cut."""
    rest: float = 10.0
    """For each phase of a REST call: connect, send, receive."""

    def __post_init__(self) -> None:
        _require_positive(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """JSON pings on a connection that has their channel (protocol HB-2), in seconds."""

    interval: float = 30.0
    timeout: float = 10.0
    """A pong later than this means that the connection is dead."""

    def __post_init__(self) -> None:
        _require_positive(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepalive:
    """How a dead connection is noticed on every connection, in seconds."""

    interval: float = 20.0
    """Between WebSocket pings."""
    timeout: float = 20.0
    """A pong later than this means that the connection is dead."""
    suspension: float | None = 15.0
    """A machine that slept this long has lost its connection: it is made again at once. None: whether it
    slept is not watched."""

    def __post_init__(self) -> None:
        _require_positive(self)


def _require_positive(settings: Timeouts | Heartbeat | Keepalive) -> None:
    for field in fields(settings):
        value: float | None = getattr(settings, field.name)
        may_be_none = "None" in str(field.type)
        if not (may_be_none if value is None else value > 0):
            raise ValueError(f"{type(settings).__name__}.{field.name} must be more than 0 s, not {value!r}")


def require_one_of(choices: Any, name: str, value: object) -> None:
    """Do nothing for a value that is one of a ``Literal``'s.

    Raises:
        ValueError: it is none of them.
    """
    *others, last = (repr(choice) for choice in get_args(choices))
    if repr(value) not in {*others, last}:
        raise ValueError(f"{name} must be {', '.join(others)} or {last}, not {value!r}")
