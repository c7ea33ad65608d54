"""Where the hub lets something come between its decisions and the wire."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .connection import Connection
    from .outbox import Frame


class Step(StrEnum):
    """A step of a conversation."""

    CONNECT = "connect"
    """A peer has connected by TCP and expects a TLS handshake, or an HTTP answer where there is no TLS."""
    HANDSHAKE = "handshake"
    """A request for an upgrade is to be answered."""
    REST = "rest"
    """Any other request to the product's paths is to be answered."""
    WELCOME = "welcome"
    """The first message of a connection is to be sent."""
    OPEN = "open"
    """A connection is open: its welcome is on its way, or it has been open for long."""
    EVENT = "event"
    """An event is to be sent."""
    REPLY = "reply"
    """The answer to a command is to be sent, be it an error."""
    PONG = "pong"
    """A client's protocol ping is to be answered."""


class Interference(Protocol):
    """Decides what becomes of what the hub would send; there is none most of the time."""

    def deliver(self, connection: Connection, frame: Frame, step: Step) -> None:
        """Queue the frame, or do something else with it. The step is WELCOME, EVENT or REPLY."""
        ...

    def pong(self, connection: Connection, send: Callable[[], None]) -> None:
        """Send the answer to a ping, or do something else."""
        ...
