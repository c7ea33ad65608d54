"""A stream of messages: its channels, what is sent and received on them, who answers whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from .access import Parameter, Security
from .origin import Origin

Frame: TypeAlias = Literal["object", "value", "text", "bytes"]
"""What a frame is: a JSON object, another JSON value, or no JSON at all."""


class Direction(StrEnum):
    """Which way messages go."""

    TO_CLIENT = "hub-to-client"
    TO_HUB = "client-to-hub"


@dataclass(frozen=True, slots=True)
class Discriminator:
    """A key that helps to tell messages apart."""

    key: str
    aliases: tuple[str, ...] = ()
    """Other keys on the wire for the same value."""
    is_required: bool = True
    """Whether every message has it; a message without it is told by another key, or is unknown."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message. Its payload is the declared object of the same name."""

    name: str
    direction: Direction
    """Which way it goes; to the client if it goes both ways."""
    channels: tuple[str, ...]
    """Where it may appear."""
    home: str
    """The one of them that it belongs to."""
    role: str
    """``welcome``, ``error``, ``shutdown`` or empty."""
    values: Mapping[str, Any]
    """Discriminator key to the value that is this message's; those that it fixes."""
    summary: str
    correlation: tuple[str, ...]
    """The way to the correlation ID inside of the payload; empty if it has none."""
    examples: tuple[Any, ...]
    origin: Origin
    is_two_way: bool = False
    """Whether clients send what the hub sends as well."""
    counterexamples: tuple[Any, ...] = ()
    """What looks like this message and breaks its schema."""
    frame: Frame = "object"
    """What the whole frame is. A JSON value that is no object is the property ``value`` of what is declared;
    text and bytes have nothing declared."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A command from the client and what may answer it."""

    name: str
    summary: str
    request: str
    """Name of the message that asks."""
    replies: tuple[str, ...]
    """Names of the messages that answer."""
    errors: tuple[str, ...]
    """Names of the messages that say why there is no answer."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Sending:
    """Something that clients send, with or without an answer."""

    name: str
    summary: str
    messages: tuple[str, ...]
    """Names of the messages that may be sent."""
    replies: tuple[str, ...]
    errors: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Channel:
    """A logical channel."""

    name: str
    address: str
    description: str
    is_always_subscribed: bool
    messages: tuple[str, ...]
    """Names of all messages that may appear on it, in the order of the document."""

    def with_messages(self, names: tuple[str, ...]) -> Channel:
        """The same channel with other messages."""
        return replace(self, messages=names)


@dataclass(frozen=True, slots=True)
class Stream:
    """Everything about one stream."""

    address: str
    channels: tuple[Channel, ...]
    discriminators: tuple[Discriminator, ...]
    """The first names the channel, if any of them does."""
    messages: tuple[Message, ...]
    operations: tuple[Operation, ...]
    origin: Origin
    untold: tuple[Message, ...] = ()
    """Messages to the client that no fixed values tell apart, those that demand most first."""
    bare: tuple[Message, ...] = ()
    """Frames that are no JSON objects, in either direction."""
    sendings: tuple[Sending, ...] = ()
    """All that clients send; what ``operations`` has is here as well."""
    parameters: tuple[Parameter, ...] = ()
    """Of the address and of the request that opens the connection."""
    security: Security = ()

    def with_access(self, parameters: tuple[Parameter, ...], security: Security) -> Stream:
        """The same stream, with what the request takes that opens a connection."""
        return replace(self, parameters=parameters, security=security)

    def message(self, name: str) -> Message:
        """The message of that name, which must exist."""
        return next(message for message in self.messages if message.name == name)

    def to_client(self) -> tuple[Message, ...]:
        """What the hub may send."""
        return tuple(message for message in self.messages if message.direction is Direction.TO_CLIENT)

    def to_hub(self) -> tuple[Message, ...]:
        """What a client may send."""
        return tuple(
            message
            for message in self.messages
            if message.is_two_way or message.direction is Direction.TO_HUB
        )

    def key_of(self, message: Message) -> tuple[Any, ...]:
        """The values of the discriminators that together name a message; None for one that it leaves open."""
        return tuple(message.values.get(discriminator.key) for discriminator in self.discriminators)

    def with_role(self, role: str) -> tuple[Message, ...]:
        """The messages that have a role."""
        return tuple(message for message in self.messages if message.role == role)
