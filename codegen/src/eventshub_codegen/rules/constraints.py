"""What a schema says beside the type: limits, what a missing value stands for, and what no type can say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..ir.json_values import is_array, is_object

_UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_INCOMPARABLE = ("pattern", "multipleOf")
_BEYOND_TYPES = (
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "prefixItems",
    "additionalItems",
    "contains",
    "minContains",
    "maxContains",
    "contentEncoding",
    "contentMediaType",
)
_TYPES = ("type", "const", "enum", "allOf", "anyOf", "oneOf", "items")
_FOR_PEOPLE = frozenset(["title", "description", "summary", "example", "examples", "$comment", "deprecated"])


def compare_constraints(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Rule and message for each limit of a schema that differs."""
    if not (is_object(old) and is_object(new)):
        return
    for word in (*_UPPER, *_LOWER, *_INCOMPARABLE, "uniqueItems"):
        before, after = _limit(old, word), _limit(new, word)
        if before == after:
            continue
        if before is None:
            yield "constraint-tightened", f"there is a limit now, `{word}: {after}`"
        elif after is None:
            yield "constraint-loosened", f"the limit `{word}: {before}` is gone"
        elif word in _INCOMPARABLE or not _are_numbers(before, after):
            yield "constraint-changed", f"`{word}: {before}` became `{word}: {after}`"
        else:
            is_tighter = after < before if word in _UPPER else after > before
            rule = "constraint-tightened" if is_tighter else "constraint-loosened"
            yield rule, f"`{word}: {before}` became `{word}: {after}`"


def compare_unread(old: Any, new: Any, *, has_type: bool) -> Iterator[tuple[str, str]]:
    """Rule and message for each keyword that differs and that no type and no limit stands for.

    Args:
        old: The old schema.
        new: The new schema.
        has_type: Whether their types were compared; if not, all keywords are.
    """
    if not (is_object(old) and is_object(new)):
        return
    # What several parts say together of a value that is no object, no type says whole.
    has_type = has_type and not (_is_merged(old) or _is_merged(new))
    for word in _BEYOND_TYPES if has_type else (*_BEYOND_TYPES, *_TYPES):
        if _plain(old.get(word)) != _plain(new.get(word)):
            yield "schema-changed", f"`{word}` differs"
    if "default" in old and "default" in new and old["default"] != new["default"]:
        was, now = json.dumps(old["default"], default=str), json.dumps(new["default"], default=str)
        yield "default-changed", f"the default `{was}` became `{now}`"


def _is_merged(schema: dict[str, Any]) -> bool:
    parts = schema.get("allOf")
    return (
        is_array(parts)
        and len(parts) > 1
        and any(
            is_object(part) and part.get("type") in {"string", "integer", "number", "boolean"}
            for part in parts
        )
    )


def _plain(value: Any) -> Any:
    """A part of a schema without what only people read."""
    if is_object(value):
        return {
            key: _plain(child)
            for key, child in value.items()
            if key not in _FOR_PEOPLE and not str(key).startswith("x-")
        }
    return [_plain(item) for item in value] if is_array(value) else value


def _limit(schema: dict[str, Any], word: str) -> Any:
    """The limit; None if there is none or if it limits nothing."""
    found = schema.get(word)
    if found is False or (found == 0 and word in {"minLength", "minItems", "minProperties"}):
        return None
    return found


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
