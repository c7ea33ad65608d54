"""Bounds of values."""

from __future__ import annotations

from ..ir.types import Limits
from .workspace import Place

_LIMITS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "integer": ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
}


def limits_of(place: Place, kind: str) -> Limits:
    """The bounds that a schema sets to values of one kind."""
    found = ((word, place.get(word)) for word in _LIMITS.get(kind, ()))
    return tuple(
        (word, limit.value)
        for word, limit in found
        if limit is not None and isinstance(limit.value, (int, float)) and not isinstance(limit.value, bool)
    )
