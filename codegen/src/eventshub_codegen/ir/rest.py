"""REST operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .access import Parameter, Security
from .origin import Origin
from .types import JsonSchema, Type


@dataclass(frozen=True, slots=True)
class Body:
    """What a request or a response holds."""

    content_type: str
    type: Type | None
    """None if the document does not say."""
    schema: JsonSchema
    """The same as a JSON Schema; None if the document has none."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of an endpoint."""

    status: str
    """As in the document: ``200``, ``4XX``, ``default``."""
    body: Body | None
    headers: tuple[str, ...]
    """Names of the headers that it always has."""
    optional_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A REST operation."""

    name: str
    method: str
    path: str
    summary: str
    is_websocket: bool
    """Whether it ends in an upgrade, so that REST clients pass over it."""
    request: Body | None
    responses: Mapping[str, Response]
    parameters: tuple[Parameter, ...]
    security: Security
    origin: Origin
    other_media: tuple[str, ...] = ()
    """Media types that the request may be of as well."""
    is_request_required: bool = False

    @property
    def has_parameters(self) -> bool:
        """Whether the caller gives values besides the body."""
        return bool(self.parameters)
