"""Everything that a run of the generator knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    documentation: Documentation = field(default_factory=Documentation)
    """Empty unless it was asked for."""
