"""Everything that a run of the generator knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .access import SecurityScheme
from .documentation import Documentation
from .rest import Endpoint
from .stream import Stream
from .types import Declaration, JsonSchema


@dataclass(frozen=True, slots=True)
class Rule:
    """A numbered rule of the protocol."""

    id: str
    title: str
    statement: str
    guide: tuple[str, ...]
    level: str
    binds: str


@dataclass(frozen=True, slots=True)
class Spec:
    """What all documents together say."""

    title: str
    version: str
    stream: Stream | None
    endpoints: tuple[Endpoint, ...]
    rules: tuple[Rule, ...]
    declarations: Mapping[str, Declaration]
    """Objects and enums by name, in the order in which they were met."""
    schemas: Mapping[str, JsonSchema]
    """JSON Schemas by name; references between them are ``#/$defs/<name>``."""
    streams: tuple[Stream, ...] = ()
    """The same messages by address, each with what tells them apart there."""
    security_schemes: tuple[SecurityScheme, ...] = ()
    stream_url: str = ""
    """Of the first server of the stream; empty if the document names none."""
    rest_url: str = ""
    """Of the first server of the endpoints, which may be a path alone; empty if the document names none."""
    description: str = ""
    package: str = ""
    """What a target that makes a package is to call it."""
    documentation: Documentation = field(default_factory=Documentation)
    """Empty unless it was asked for."""
