"""The shape of the generated protocol tables: what to send, what to understand, where REST is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .message import Message


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what may answer it."""

    name: str
    """The operation's name in the spec."""
    handler: str
    """The method of ``CommandHandler`` that answers it."""
    request: type[Message]
    reply: type[Message]
    request_correlation: str
    """Key on the wire of the command's own ID."""
    reply_correlation: str
    """Key on the wire under which a reply repeats it."""


@dataclass(frozen=True, slots=True)
class HubProtocol:
    """All that the hub's core needs to know of its stream, as data."""

    address: str
    channels: tuple[str, ...]
    always_subscribed: tuple[str, ...]
    discriminators: tuple[tuple[str, ...], ...]
    """Keys on the wire that name a message; each with its aliases after it. The first names the channel."""
    events: Mapping[tuple[str, ...], type[Message]]
    """Everything that the hub may send, by the values of its discriminators."""
    commands: Mapping[tuple[str, ...], Command]
    welcome: type[Message]
    """The message with the role ``welcome``."""
    shutdown: type[Message] | None
    """The message with the role ``shutdown``."""
    errors: Mapping[str, type[Message]]
    """The message with the role ``error`` of each channel that has one."""


@dataclass(frozen=True, slots=True)
class Route:
    """A REST operation of the spec."""

    name: str
    method: str
    path: str
    statuses: tuple[int, ...]
