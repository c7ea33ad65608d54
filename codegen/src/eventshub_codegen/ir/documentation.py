"""What documents say to people: texts, parameters, servers, credentials, schemas with their descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .types import JsonSchema


@dataclass(frozen=True, slots=True)
class Prose:
    """The texts of one thing, as CommonMark; those that the document lacks are empty."""

    title: str = ""
    summary: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A part of a server's address that is chosen by who connects."""

    name: str
    default: str
    choices: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Server:
    """Where the other side is found."""

    name: str
    """Empty if the document gives it none."""
    url: str
    """With each variable in braces."""
    description: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class Credential:
    """A way to say who one is."""

    name: str
    kind: str
    """As OpenAPI calls it: ``http``, ``apiKey``, ``oauth2``, ...; AsyncAPI's ``httpApiKey`` is ``apiKey``."""
    scheme: str
    """``bearer``, ``basic``, ...; empty unless the kind is ``http``."""
    place: str
    """``header``, ``query`` or ``cookie``; empty unless the kind is ``apiKey``."""
    key: str
    """Name of the header, the parameter or the cookie."""
    description: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that goes into the address or the headers of a request."""

    name: str
    place: str
    """``path``, ``query``, ``header`` or ``cookie``."""
    is_required: bool
    description: str
    schema: JsonSchema
    examples: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """One media type of a body."""

    content_type: str
    schema: JsonSchema
    """None if the document has none."""
    examples: tuple[tuple[str, Any], ...]
    """Name or summary of each, and what it holds."""


@dataclass(frozen=True, slots=True)
class ResponseText:
    """One answer of an endpoint."""

    status: str
    description: str
    headers: tuple[Parameter, ...]
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class EndpointText:
    """What there is to say of a REST operation."""

    prose: Prose
    parameters: tuple[Parameter, ...]
    request: tuple[Content, ...]
    request_description: str
    is_request_required: bool
    responses: tuple[ResponseText, ...]
    credentials: tuple[tuple[str, ...], ...]
    """The ways in: names of credentials that are needed together. An empty one is for everybody."""
    servers: tuple[Server, ...]
    """Where it is found, if not where all the others are."""
    is_deprecated: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """A program that shows how something is done, in one language."""

    language: str
    file: str
    """Name of its file inside of the folder of snippets, with ``/``."""
    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What some snippets show."""

    name: str
    """Name of their folder: that of an operation or an endpoint, if they show it."""
    title: str
    description: str
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class Documentation:
    """Everything that is said to people, by the names that the rest of the specification uses."""

    prose: Prose = Prose()
    channels: Mapping[str, Prose] = field(default_factory=dict[str, Prose])
    messages: Mapping[str, Prose] = field(default_factory=dict[str, Prose])
    others: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])
    """Examples of each message that channels list and the stream has not, since code could not tell it."""
    operations: Mapping[str, Prose] = field(default_factory=dict[str, Prose])
    endpoints: Mapping[str, EndpointText] = field(default_factory=dict[str, EndpointText])
    stream_parameters: tuple[Parameter, ...] = ()
    """What goes into the handshake."""
    stream_servers: tuple[Server, ...] = ()
    stream_credentials: tuple[str, ...] = ()
    """Names of those that let a client into the stream, each by itself."""
    rest_servers: tuple[Server, ...] = ()
    credentials: Mapping[str, Credential] = field(default_factory=dict[str, Credential])
    schemas: Mapping[str, JsonSchema] = field(default_factory=dict[str, JsonSchema])
    """Like those of the specification, with all that only people read."""
    topics: tuple[Topic, ...] = ()
