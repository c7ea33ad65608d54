"""The shape of a generated protocol table: which messages exist, how to tell them apart, who answers whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from .message import Message

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)
BodyT = TypeVar("BodyT", bound=msgspec.Struct | None)
ResponseT = TypeVar("ResponseT")


@dataclass(frozen=True, slots=True)
class Operation(Generic[RequestT, ReplyT]):
    """A command and the messages that may answer it on the socket."""

    name: str
    request: type[RequestT]
    reply: type[ReplyT]
    errors: tuple[type[Message], ...]
    request_correlation: str
    """Attribute of the request that holds the correlation ID."""
    reply_correlation: str
    """Attribute of a reply that repeats it."""


@dataclass(frozen=True, slots=True)
class StreamProtocol:
    """All that the session needs to know of a stream, as data."""

    address: str
    channels: tuple[str, ...]
    always_subscribed: tuple[str, ...]
    header: type[Message]
    """Decoded from every frame first; what is handed over when the message is unknown."""
    discriminators: tuple[str, ...]
    """Attributes of ``header`` whose values together name the message; none if there is one message only."""
    messages: Mapping[tuple[str | int | None, ...], type[Message]]
    welcome: type[Message] | None
    """The first frame of a connection, recognised by position (protocol CONN-6)."""
    errors: tuple[type[Message], ...]


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[BodyT, ResponseT]):
    """A REST operation: where it is and what goes in and out."""

    name: str
    method: str
    path: str
    request: type[BodyT]
    """``type(None)`` when the request has no body."""
    response: type[ResponseT]
    """What a 2xx answer holds; ``type(None)`` when it has no body."""
