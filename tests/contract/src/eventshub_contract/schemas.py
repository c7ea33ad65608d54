"""Walks schemas: what properties an object has, and what of a value no schema knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .bundle import Bundle, Json, as_object, is_list


class Undocumented(NamedTuple):
    """What a schema lets pass and no document has."""

    text: str
    """Where, and what."""
    is_key: bool
    """A key of an object; else a value of an open enumeration."""


class Schemas:
    """The schemas of the documents, with their references followed."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def properties(self, schema: Json) -> dict[str, Json]:
        """The properties of an object's schema, with those of what it refers to."""
        node = as_object(schema) or {}
        reference = node.get("$ref")
        found: dict[str, Json] = {}
        if isinstance(reference, str):
            found |= self.properties(self._bundle.defs.get(reference.rpartition("/")[2]))
        for part in node.get("allOf") or ():
            found |= self.properties(part)
        return found | (as_object(node.get("properties")) or {})

    def undocumented(self, schema: Json, value: Json, path: str = "") -> Iterator[Undocumented]:
        """What a schema lets pass and no document has: other keys, other values of an open enumeration."""
        node = as_object(self.resolved(schema)) or {}
        if is_list(value):
            for index, each in enumerate(value):
                yield from self.undocumented(node.get("items"), each, f"{path}.{index}")
            return
        frame = as_object(value)
        if frame is None:
            known = _open_enumeration(node)
            if known and value not in known:
                text = f"at {path.strip('.')}: {value!r} is none of {', '.join(map(str, known))}"
                yield Undocumented(text, is_key=False)
            return
        properties = self.properties(node)
        if not properties:
            return
        for key, each in frame.items():
            if key in properties:
                yield from self.undocumented(properties[key], each, f"{path}.{key}")
            elif not self._takes_more(node):
                yield Undocumented(f"at {f'{path}.{key}'.strip('.')}: there is no such key", is_key=True)

    def _takes_more(self, node: Mapping[str, Json]) -> bool:
        parts = (as_object(self.resolved(part)) or {} for part in node.get("allOf") or ())
        return node.get("additionalProperties") is not None or any(map(self._takes_more, parts))

    def resolved(self, schema: Json) -> Json:
        """A schema, a reference followed."""
        reference = (as_object(schema) or {}).get("$ref")
        if isinstance(reference, str):
            return self.resolved(self._bundle.defs.get(reference.rpartition("/")[2]))
        return schema

    def required(self, schema: Json) -> set[str]:
        """The properties that an object must have."""
        node = as_object(self.resolved(schema)) or {}
        inherited = {name for part in node.get("allOf") or () for name in self.required(part)}
        return inherited | set(node.get("required") or ())


def _open_enumeration(node: Mapping[str, Json]) -> list[Json]:
    """The values that are known of ``anyOf: [{enum: [...]}, {type: string}]``; none: it is something else."""
    branches = [as_object(branch) or {} for branch in node.get("anyOf") or ()]
    if {"type": "string"} not in branches:
        return []
    return [value for branch in branches for value in branch.get("enum") or ()]
