"""JSON Schemas from many files into one flat table whose references are all local."""

from __future__ import annotations

from typing import Any

from ..ir.json_values import is_array, is_object
from ..ir.types import JsonSchema
from .names import Names
from .unions import tag_of, tag_values
from .workspace import Place, Workspace

_ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "example",
        "examples",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
    ]
)
_MAPS_OF_SCHEMAS = frozenset(["properties", "patternProperties", "definitions", "$defs", "dependentSchemas"])
_LISTS_OF_SCHEMAS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_SCHEMAS = frozenset(
    [
        "items",
        "additionalProperties",
        "additionalItems",
        "contains",
        "propertyNames",
        "not",
        "if",
        "then",
        "else",
    ]
)


_DEEP = 60


class SchemaBundler:
    """Copies schemas, without what only people read, and gives all that they refer to a name in one table."""

    def __init__(self, workspace: Workspace, names: Names, *, keeps_text: bool = False) -> None:
        """``keeps_text`` copies what only people read as well."""
        self._keeps_text = keeps_text
        self._workspace = workspace
        self._names = names
        self.schemas: dict[str, JsonSchema] = {}
        self.places: dict[str, Place] = {}
        """Where each schema of the table is from."""
        self.incomplete: set[str] = set()
        """Names of schemas in which a reference points at nothing, and so allows anything."""
        self._copying: list[str] = []
        self._waiting: list[tuple[Place, str]] = []

    def add(self, place: Place, name: str) -> JsonSchema:
        """Put a schema into the table under a name; return a reference to it."""
        if name not in self.schemas:
            self.schemas[name] = {}
            self.places[name] = place
            self._waiting.append((place, name))
            # A chain of hundreds of schemas would be too deep for Python.
            while self._waiting and len(self._copying) < _DEEP:
                self._fill(*self._waiting.pop())
                if self._copying:
                    break
        return {"$ref": f"#/$defs/{name}"}

    def _fill(self, place: Place, name: str) -> None:
        self._copying.append(name)
        self.schemas[name] = self.copy(place)
        self._copying.pop()

    def add_as(self, name: str, place: Place, schema: JsonSchema) -> None:
        """Put a schema that was made of others into the table."""
        self.schemas[name] = schema
        self.places[name] = place

    def copy(self, place: Place) -> JsonSchema:
        """The schema with local references; what cannot be resolved allows anything."""
        if place.reference is not None:
            target = self._workspace.follow(place)
            if target is None:
                self.incomplete.update(self._copying[-1:])
                return {}
            reference = self.add(target, self._names.name(target.origin, target.last))
            if self._keeps_text and (text := place.text("description")):
                return {**reference, "description": text}
            return reference
        if not is_object(place.value):
            return place.value if isinstance(place.value, bool) else {}
        copied: dict[str, Any] = {}
        for key, child in place.entries():
            if key == "nullable":
                continue
            if key in _ANNOTATIONS or key.startswith("x-"):
                if self._keeps_text:
                    copied[key] = child.value
                continue
            if key in _MAPS_OF_SCHEMAS:
                copied[key] = {name: self.copy(schema) for name, schema in child.entries()}
            elif key in _LISTS_OF_SCHEMAS or (key == "items" and is_array(child.value)):
                copied[key] = [self.copy(schema) for schema in child.items()]
            elif key in _SCHEMAS:
                copied[key] = self.copy(child)
            else:
                copied[key] = child.value
        for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            # OpenAPI 3.0 still has the boolean form of draft 4.
            if isinstance(copied.get(word), bool) and copied.pop(word) and limit in copied:
                copied[word] = copied.pop(limit)
        if not self._keeps_text:
            _apply_discriminator(place, copied)
        return _as_nullable(copied) if place.is_true("nullable") else copied


def _apply_discriminator(place: Place, copied: dict[str, Any]) -> None:
    """Let OpenAPI's discriminator choose the branch: JSON Schema passes it over, and others may fit too."""
    values = tag_values(place)
    branches = copied.get("oneOf")
    if not values or not is_array(branches) or len(values) != len(branches):
        return
    copied["oneOf"] = [
        {"allOf": [branch, {"properties": {tag_of(place): {"enum": list(names)}}}]} if names else branch
        for branch, names in zip(branches, values, strict=True)
    ]


def _as_nullable(schema: dict[str, Any]) -> JsonSchema:
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
