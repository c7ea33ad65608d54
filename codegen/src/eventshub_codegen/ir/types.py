"""Types of values, and the declarations that have a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .origin import Origin

Plain: TypeAlias = str | float | bool | None
"""A JSON value that is no object and no array."""


Limits: TypeAlias = tuple[tuple[str, float], ...]
"""Bounds of a value, such as ``("minLength", 1)``, by their name in JSON Schema."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, an integer, a number, a boolean or null, by its name in JSON Schema."""

    kind: str
    format: str = ""
    limits: Limits = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Const:
    """Exactly one value, which is no object and no array."""

    value: Plain


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values that have no name of their own, such as an enum of integers."""

    values: tuple[Plain, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values of one type."""

    items: Type
    prefix: tuple[Type, ...] = ()
    """The types by position, if there are exactly that many items; ``items`` is any of them then."""
    limits: Limits = field(default=(), compare=False)
    positions: tuple[Type, ...] = field(default=(), compare=False)
    """The types by position, if there may be more items or fewer."""


@dataclass(frozen=True, slots=True)
class Map:
    """An object whose keys are data."""

    values: Type


@dataclass(frozen=True, slots=True)
class Named:
    """An object or an enum that is declared, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Union:
    """A value of one of several types."""

    options: tuple[Type, ...]
    hint: str = field(default="", compare=False)
    """What it might be called."""
    tag: str = field(default="", compare=False)
    """A property whose value names the type, if there is one."""
    tagged: tuple[tuple[Plain, Type], ...] = field(default=(), compare=False)
    """Type by value of the tag."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""


Type: TypeAlias = Scalar | Const | Choice | Array | Map | Named | Union | Anything
NULL = Scalar("null")


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an object."""

    key: str
    """On the wire."""
    type: Type
    is_required: bool
    origin: Origin
    name: str = ""
    """What generated code should call it, if the document says so."""
    description: str = ""
    is_read_only: bool = False
    may_be_missing: bool = False
    """Required of a sender, but a tolerant receiver takes the object without it."""
    alias_of: str = ""
    """Another key that carries the same value."""
    is_write_only: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """An object with listed properties."""

    name: str
    description: str
    fields: tuple[Field, ...]
    """All of them, those of ``base`` included."""
    origin: Origin
    base: str = ""
    """What it extends, if anything: it adds fields to it and narrows some of them to one value."""
    own: frozenset[str] = field(default_factory=frozenset[str])
    """Keys of the fields that ``base`` has not, or has differently."""
    is_open: bool = False
    """Whether unlisted keys are part of what it says, and not just tolerated."""


@dataclass(frozen=True, slots=True)
class Enum:
    """A string out of a list."""

    name: str
    description: str
    values: tuple[str, ...]
    is_open: bool
    """Whether the list may grow."""
    origin: Origin


Declaration: TypeAlias = Object | Enum
JsonSchema: TypeAlias = Any
"""A JSON Schema as plain data."""
