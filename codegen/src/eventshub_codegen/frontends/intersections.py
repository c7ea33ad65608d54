"""What fits several types at once: an `allOf` of things that are no objects."""

from __future__ import annotations

from ..ir.types import Anything, Choice, Const, Declaration, Enum, Limits, Named, Scalar, Type

_JSON_TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_UPPER = frozenset(["maxLength", "maxItems", "maximum", "exclusiveMaximum"])


def narrowest(kinds: list[Type], declarations: dict[str, Declaration]) -> Type | None:
    """The type that is in all of these; None if none is, or nothing can say which."""
    found: Type = Anything()
    for kind in kinds:
        narrower = _both(found, kind, declarations)
        if narrower is None:
            return None
        found = narrower
    return found


def _both(one: Type, other: Type, declarations: dict[str, Declaration]) -> Type | None:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return _scalar(one, other)
    if isinstance(one, Anything) or one == other:
        return other
    if isinstance(other, Anything):
        return one
    for listed, plain in ((one, other), (other, one)):
        if isinstance(plain, Scalar) and _base(listed, declarations) == plain.kind:
            return listed
    return None


def _scalar(one: Scalar, other: Scalar) -> Scalar | None:
    kinds = {one.kind, other.kind}
    if len(kinds) > 1 and kinds != {"integer", "number"}:
        return None
    kind = one.kind if len(kinds) == 1 else "integer"
    return Scalar(kind, one.format or other.format, _tighter(one.limits, other.limits))


def _tighter(one: Limits, other: Limits) -> Limits:
    found = dict(one)
    for word, limit in other:
        known = found.get(word, limit)
        found[word] = min(known, limit) if word in _UPPER else max(known, limit)
    return tuple(found.items())


def _base(kind: Type, declarations: dict[str, Declaration]) -> str:
    """The JSON type of all values that are listed."""
    if isinstance(kind, Named):
        return "string" if isinstance(declarations.get(kind.name), Enum) else ""
    values = (kind.value,) if isinstance(kind, Const) else kind.values if isinstance(kind, Choice) else ()
    found = {_JSON_TYPES.get(type(value), "") for value in values}
    return found.pop() if len(found) == 1 else ""
