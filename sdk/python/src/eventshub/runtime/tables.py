"""The shape of the tables that generated packages hold: streams, commands, endpoints, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from .._core.message import Message
from .._core.protocol import Operation, StreamProtocol

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)
ResultT_co = TypeVar("ResultT_co", covariant=True)

Location = Literal["path", "query", "header", "cookie"]
Style = Literal["simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject"]
Content = Literal["none", "json", "text", "bytes", "form", "multipart"]


class BinaryMessage(Message, frozen=True, kw_only=True):
    """A frame that holds no JSON: audio, an image, anything."""

    data: bytes = b""


class TextMessage(Message, frozen=True, kw_only=True):
    """A frame that holds text and no JSON."""

    text: str = ""


class ValueMessage(Message, frozen=True, kw_only=True):
    """A frame that holds JSON which is no object; the attribute ``value`` of the subclass is all of it."""

    positions: ClassVar[tuple[Any, ...]] = ()
    """The types of the first items of an array whose length is open."""


class UnknownMessage(Message, frozen=True, kw_only=True):
    """A message that the document does not describe; ``raw`` and ``payload`` hold all of it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a URL or a header whose value the caller gives."""

    name: str
    """On the wire."""
    argument: str
    """Of the method that takes the value."""
    location: Location
    style: Style
    explode: bool = False
    """Whether each item of a list, or each member of an object, is written by itself."""
    allows_reserved: bool = False
    """Whether characters such as ``/`` and ``?`` go out as they are."""
    is_json: bool = False
    """Whether the value is written as JSON."""


@dataclass(frozen=True, slots=True)
class StreamTable(StreamProtocol):
    """All that a connection needs to know of a stream at one address."""

    parameters: tuple[Parameter, ...] = ()
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives; each names the schemes that are needed together. None at all: no credential."""
    structural: tuple[type[Message], ...] = ()
    """Messages that nothing but their properties tells apart; the first that fits is taken."""
    values: tuple[type[ValueMessage], ...] = ()
    """What JSON that is no object may be; of all that it fits, the one with most of its ``positions``,
    else the first."""
    text: type[TextMessage] | None = None
    """What text is that holds no JSON; None if it is not expected."""
    binary: type[BinaryMessage] | None = None
    """What all other frames are; None if they are not expected."""


@dataclass(frozen=True, slots=True)
class Exchange(Operation[RequestT, ReplyT]):
    """A command and the messages that may answer it.

    With an empty ``request_correlation`` an answer belongs to the oldest command that waits for its like.
    """

    replies: tuple[type[Message], ...] = ()
    correlation: Literal["text", "number", "uuid"] = "text"
    """What correlation IDs look like."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the body of an HTTP answer is read as."""

    content: Content
    type: Any = None
    """For JSON."""


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[ResultT_co]):
    """A REST operation: where it is, what goes in, what comes out for which status."""

    name: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    content: Content = "none"
    """Of the request."""
    content_type: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])
    """By status as the document has it: ``200``, ``4XX``, ``default``."""
    security: tuple[tuple[str, ...], ...] = ()
    accept: str = "application/json"
