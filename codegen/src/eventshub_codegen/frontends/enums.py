"""Enums that may grow, and those of one value."""

from __future__ import annotations

from ..ir.json_values import is_array, is_object
from .workspace import Place, Workspace


def open_enum_values(workspace: Workspace, place: Place) -> list[str] | None:
    """The values of ``anyOf: [{enum: [...]}, {type: string}]``; None for anything else."""
    options = place.get("anyOf")
    if options is None or not is_array(options.value) or len(options.value) != 2:
        return None
    targets = [workspace.follow(option) for option in options.items()]
    values: list[str] | None = None
    is_open = False
    for target in targets:
        if target is None or not is_object(target.value):
            return None
        if is_array(target.value.get("enum")):
            values = [value for value in target.value["enum"] if isinstance(value, str)]
            if len(values) != len(target.value["enum"]):
                return None
        elif target.value.get("type") == "string" and not set(target.value) & {
            "const",
            "format",
            "pattern",
        }:
            is_open = True
    return values if is_open else None


def is_const(place: Place) -> bool:
    """Whether a schema allows exactly one value."""
    schema = place.value
    return is_object(schema) and ("const" in schema or len(place.strings("enum")) == 1)
