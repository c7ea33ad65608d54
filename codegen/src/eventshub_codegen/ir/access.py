"""What a request takes besides its body, and what it needs to be let in."""

from __future__ import annotations

from dataclasses import dataclass

from .origin import Origin
from .types import Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a URL or a header whose value the caller gives."""

    name: str
    """On the wire."""
    location: str
    """``path``, ``query``, ``header`` or ``cookie``."""
    style: str
    """As OpenAPI calls it: ``simple``, ``form``, ``deepObject``, ..."""
    explode: bool
    type: Type
    is_required: bool
    description: str
    origin: Origin
    allows_reserved: bool = False
    is_json: bool = False
    """Whether the value is written as JSON."""
    choices: tuple[str, ...] = ()
    """What the value may be, if the document lists it and does not call it a type."""
    default: str | None = None
    """What a path parameter is if it is not given."""


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """Where a secret goes."""

    name: str
    """In the document."""
    kind: str
    """``bearer``, ``basic``, ``header``, ``query`` or ``cookie``."""
    key: str
    """Name of the header, the parameter or the cookie."""
    description: str


Security = tuple[tuple[str, ...], ...]
"""Alternatives, each the names of the schemes that are needed together; none at all: nothing is needed."""
