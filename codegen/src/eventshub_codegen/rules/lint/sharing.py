"""Schemas that both documents have under one name."""

from __future__ import annotations

from typing import Any

from ...frontends.workspace import Place, Workspace
from ...ir.json_values import is_array
from ...ir.origin import Origin

_TEXT = frozenset(["title", "description", "example", "examples", "default", "deprecated", "externalDocs"])


def check_sharing(workspace: Workspace, asyncapi: Place, openapi: Place) -> None:
    """Report components of the same name whose schemas do not say the same."""
    mine, theirs = _schemas(asyncapi), _schemas(openapi)
    for name, place in mine.items():
        other = theirs.get(name)
        if other is None:
            continue
        at = _difference(workspace, place, other, frozenset())
        if at is not None:
            line, _ = other.source.position(other.pointer, of_key=True)
            where = f"{other.source.display}:{line}"
            message = f"the schema `{name}` is another one in {where}"
            workspace.warn("shared-schema-differs", at, message, of_key=True)


def _schemas(document: Place) -> dict[str, Place]:
    components = document.get("components")
    schemas = components.get("schemas") if components is not None else None
    return dict(schemas.entries()) if schemas is not None else {}


def _difference(workspace: Workspace, one: Place, other: Place, seen: frozenset[Origin]) -> Place | None:
    """The place in the first where it differs from the second; None if both say the same."""
    here, there = workspace.follow(one), workspace.follow(other)
    if here is None or there is None or here.origin in seen or here.origin == there.origin:
        return None
    seen = seen | {here.origin}
    mine, theirs = _plain(here), _plain(there)
    if mine is None or theirs is None:
        return one if here.value != there.value else None
    for key in sorted({*mine, *theirs}):
        if key not in mine or key not in theirs:
            return mine.get(key) or one
        first, second = mine[key], theirs[key]
        if key in {"required", "enum", "type"}:
            if _as_set(first.value) != _as_set(second.value):
                return first
        elif (found := _difference(workspace, first, second, seen)) is not None:
            return found
    return None


def _plain(place: Place) -> dict[str, Place] | None:
    """What a mapping or a sequence says, without text for people; None for anything else."""
    is_properties = place.last == "properties"
    entries = {
        key: child
        for key, child in place.entries()
        if is_properties or not (key in _TEXT or key.startswith("x-"))
    }
    items = {str(number): item for number, item in enumerate(place.items())}
    return (entries | items) if isinstance(place.value, (dict, list)) else None


def _as_set(value: Any) -> set[str]:
    listed: list[Any] = value if is_array(value) else [value]
    return {repr(item) for item in listed}
