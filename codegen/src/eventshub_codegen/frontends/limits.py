"""What the words of a schema say of a value without its type: bounds, and which type they imply."""

from __future__ import annotations

from typing import Any

from ..ir.json_values import is_object
from ..ir.types import Limits
from .workspace import Place

_LIMITS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "integer": ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
}


_IMPLIED_KINDS = (
    ("object", ("properties", "additionalProperties", "required", "patternProperties", "minProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems", "uniqueItems")),
    ("string", ("format", "pattern", "minLength", "maxLength")),
)


def implied_kind(schema: Any) -> str:
    """The kind of value that a schema without a type is about; empty if nothing tells."""
    for implied, keywords in _IMPLIED_KINDS:
        if is_object(schema) and any(keyword in schema for keyword in keywords):
            return implied
    return ""


def limits_of(place: Place, kind: str) -> Limits:
    """The bounds that a schema sets to values of one kind."""
    found = ((word, place.get(word)) for word in _LIMITS.get(kind, ()))
    return tuple(
        (word, limit.value)
        for word, limit in found
        if limit is not None and isinstance(limit.value, (int, float)) and not isinstance(limit.value, bool)
    )
