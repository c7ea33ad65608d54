"""Limits on values: lengths, ranges, patterns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..ir.json_values import is_object

_UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_INCOMPARABLE = ("pattern", "multipleOf")


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


def _limit(schema: dict[str, Any], word: str) -> Any:
    """The limit; None if there is none or if it limits nothing."""
    found = schema.get(word)
    if found is False or (found == 0 and word in {"minLength", "minItems", "minProperties"}):
        return None
    return found


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
