"""Arrays: one type for all items, or a type for each position."""

from __future__ import annotations

from ..ir.json_values import is_array
from ..ir.types import Array, Type
from .limits import limits_of
from .unions import make_union
from .workspace import Place, Workspace


def prefix_and_rest(place: Place) -> tuple[list[Place], Place | None]:
    """The schemas of the first items by position, in either version's words, and that of all others."""
    items, prefix = place.get("items"), place.get("prefixItems")
    if items is not None and is_array(items.value):
        return list(items.items()), place.get("additionalItems")
    return (list(prefix.items()) if prefix is not None else []), items


def positional(workspace: Workspace, place: Place, kinds: list[Type], rest: Type | None, hint: str) -> Array:
    """An array whose items differ by position; ``rest`` is what may follow them, None if nothing may."""
    limits = dict(limits_of(place, "array"))
    if rest is None:
        limits["maxItems"] = min(limits.get("maxItems", len(kinds)), len(kinds))
    if limits.get("minItems") == limits.get("maxItems") == len(kinds):
        return Array(make_union(kinds), tuple(kinds))
    message = "the items of this array differ by position, and its type cannot say so: its length is open"
    advice = f"Give it `minItems: {len(kinds)}` and `maxItems: {len(kinds)}`, if it has no other length."
    workspace.warn("inexpressible", place, message, advice)
    is_full = limits.get("maxItems") == len(kinds)
    each = make_union(kinds if rest is None or is_full else [*kinds, rest], hint)
    return Array(each, limits=tuple(limits.items()), positions=tuple(kinds))
