"""JSON Schemas as tables: what a value is, which properties it has, what else is said of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from ...ir.documentation import Documentation
from ...ir.json_values import is_array, is_object
from ...ir.types import JsonSchema
from .account import Line, Link, Property, Span, code
from .uses import count_uses, name_in

_UNIONS = ("oneOf", "anyOf")
_DEEPEST = 12
_WORDS = {
    "format": "format",
    "pattern": "pattern",
    "minLength": "minimum length",
    "maxLength": "maximum length",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "multipleOf": "multiple of",
    "minItems": "minimum items",
    "maxItems": "maximum items",
    "minProperties": "minimum keys",
    "maxProperties": "maximum keys",
    "default": "default",
    "x-alias-of": "same value as",
}
_FLAGS = {
    "readOnly": "filled in by the server",
    "writeOnly": "only ever sent to the server",
    "deprecated": "deprecated",
    "uniqueItems": "no item twice",
}
_TOLD_OTHERWISE = frozenset(
    [
        *("type", "$ref", "const", "enum", "properties", "required", "items", "additionalProperties"),
        *("allOf", *_UNIONS, "title", "description", "example", "examples", "$comment", "nullable"),
        *("discriminator", "externalDocs", "xml"),
    ]
)


class SchemaTables:
    """Describes schemas that refer to one another through one table."""

    def __init__(self, texts: Documentation, link_to: Callable[[str], Link | None]) -> None:
        """``link_to`` says where a schema of the table is described."""
        self._schemas = texts.schemas
        self._link_to = link_to
        self._uses = count_uses(texts)

    def kind(self, schema: JsonSchema, *, is_shown: bool = False) -> Line:
        """What a value is: ``array of Vm``, ``string or null``.

        Args:
            schema: Of the value.
            is_shown: Whether objects that nothing else refers to are shown right below, and need no link.
        """
        if not is_object(schema) or not schema:
            return (Span("nothing" if schema is False else "any value"),)
        if (name := name_in(schema)) is not None:
            link = None if is_shown and self._is_own(name) else self._link_to(name)
            return (Span(name, is_code=True, link=link),)
        if "const" in schema:
            return (code(_as_json(schema["const"])),)
        parts = schema.get("allOf")
        if is_array(parts) and "properties" not in schema:
            references = [part for part in parts if name_in(part) is not None]
            rest = [part for part in parts if name_in(part) is None and part]
            if len(references) == 1 and not rest:
                return self.kind(references[0], is_shown=is_shown)
        for union in _UNIONS:
            if is_array(options := schema.get(union)) and "properties" not in schema:
                return _either(self.kind(option, is_shown=is_shown) for option in options)
        kinds = schema.get("type")
        if is_array(kinds):
            return _either(self._kind_of(kind, schema, is_shown=is_shown) for kind in kinds)
        return self._kind_of(kinds, schema, is_shown=is_shown)

    def _kind_of(self, kind: Any, schema: dict[str, Any], *, is_shown: bool) -> Line:
        if kind == "array" or (kind is None and "items" in schema):
            items = schema.get("items")
            return (
                (Span("array of "), *self.kind(items, is_shown=is_shown))
                if is_object(items)
                else (Span("array"),)
            )
        if kind == "object" or (kind is None and ("properties" in schema or "allOf" in schema)):
            values = schema.get("additionalProperties")
            if is_object(values) and not schema.get("properties"):
                return (Span("map of "), *self.kind(values, is_shown=is_shown))
            return (Span("object"),)
        if kind is None and is_array(values := schema.get("enum")):
            kind = "string" if all(isinstance(value, str) for value in values) else None
        return (Span(kind if isinstance(kind, str) else "any value"),)

    def notes(self, schema: JsonSchema) -> tuple[tuple[str, str], ...]:
        """Everything that a schema says of a value beside its kind, its properties and its text."""
        if not is_object(schema):
            return ()
        if (name := name_in(schema)) is not None:
            return self.notes(self._resolved(schema)) if self._is_own(name) else ()
        found: list[tuple[str, str]] = []
        is_known = self._known_values(schema)
        if is_known:
            found.append(("known values", ", ".join(map(_as_json, is_known))))
        elif is_array(values := schema.get("enum")):
            found.append(("one of", ", ".join(map(_as_json, values))))
        for key, value in schema.items():
            if key in _FLAGS:
                if value is True:
                    found.append((_FLAGS[key], ""))
            elif key in _WORDS:
                found.append((_WORDS[key], value if isinstance(value, str) else _as_json(value)))
            elif key not in _TOLD_OTHERWISE and not key.startswith("x-"):
                found.append((key, _as_json(value)))
        if is_object(items := schema.get("items")):
            found += [(f"each: {word}", value) for word, value in self.notes(items)]
        if not is_known:
            for union in (*_UNIONS, "allOf"):
                for option in schema.get(union, ()):
                    found += [note for note in self.notes(option) if note not in found]
        if schema.get("additionalProperties") is False:
            found.append(("no other keys", ""))
        return tuple(found)

    def _known_values(self, schema: dict[str, Any]) -> list[Any] | None:
        """The values that an open list of values names."""
        options = schema.get("anyOf")
        if not is_array(options) or {"type": "string"} not in options:
            return None
        return next((option["enum"] for option in options if is_object(option) and "enum" in option), None)

    def has_own_rows(self, schema: JsonSchema) -> bool:
        """Whether what a schema refers to is described nowhere else, or has no name at all."""
        name = name_in(schema)
        return name is None or self._is_own(name)

    def _is_own(self, name: str) -> bool:
        return self._uses[name] == 1 and bool(self.members(self._schemas.get(name))[0])

    def rows(self, schema: JsonSchema, *, expands: bool = False) -> tuple[Property, ...]:
        """The properties of an object; below them those of objects in it that nothing else refers to.

        Args:
            schema: Of the object, or of an array of objects.
            expands: Whether other objects that it holds are shown in place as well.
        """
        if is_object(schema) and is_object(items := self._resolved(schema).get("items")):
            return tuple(self._rows(items, ("[]",), frozenset(), expands=expands))
        return tuple(self._rows(schema, (), frozenset(), expands=expands))

    def _rows(
        self, schema: JsonSchema, path: tuple[str, ...], seen: frozenset[str], *, expands: bool
    ) -> Iterable[Property]:
        properties, required = self.members(schema)
        is_shown = len(path) < _DEEPEST
        for key, held in properties.items():
            here = (*path, key)
            inner = list(self._inner(held))
            raw = [_as_json(one) for _, one in inner if not is_shown and name_in(one) is None]
            yield Property(
                name=_dotted(here),
                kind=self.kind(held, is_shown=is_shown),
                is_required=key in required,
                notes=(*self.notes(held), *(("properties", text) for text in raw)),
                description=self._description(held),
            )
            for steps, one in inner if is_shown else ():
                name = name_in(one)
                if self.has_own_rows(one) or (expands and not path and name not in seen):
                    below = seen if name is None else seen | {name}
                    yield from self._rows(one, (*here, *steps), below, expands=expands)

    def _inner(self, schema: JsonSchema) -> Iterable[tuple[tuple[str, ...], JsonSchema]]:
        """The objects that a property may hold: itself, its items, the values of a map, the options."""
        if not is_object(schema):
            return
        if is_object(items := schema.get("items")):
            yield from ((("[]", *steps), inner) for steps, inner in self._inner(items))
        values = schema.get("additionalProperties")
        if is_object(values) and not schema.get("properties"):
            yield from ((("*", *steps), inner) for steps, inner in self._inner(values))
        for union in _UNIONS:
            options = [option for option in schema.get(union, ()) if option != {"type": "null"}]
            for number, option in enumerate(options, 1):
                steps = (f"({number})",) if len(options) > 1 else ()
                yield from (((*steps, *more), inner) for more, inner in self._inner(option))
        if "$ref" in schema or "properties" in schema or "allOf" in schema:
            yield (), schema

    def members(self, schema: JsonSchema) -> tuple[dict[str, JsonSchema], frozenset[str]]:
        """Properties and required keys of an object, those of everything that it extends included."""
        properties: dict[str, JsonSchema] = {}
        required: set[str] = set()
        self._collect(schema, properties, required, frozenset())
        return properties, frozenset(required)

    def _collect(
        self, schema: JsonSchema, properties: dict[str, JsonSchema], required: set[str], seen: frozenset[str]
    ) -> None:
        if not is_object(schema):
            return
        if (name := name_in(schema)) is not None:
            if name not in seen:
                self._collect(self._schemas.get(name), properties, required, seen | {name})
            return
        for part in schema.get("allOf", ()):
            self._collect(part, properties, required, seen)
        own = schema.get("properties")
        for key, held in own.items() if is_object(own) else ():
            before = properties.get(key)
            properties[key] = self._narrowed(before, held) if before is not None else held
        wanted = schema.get("required")
        required.update(wanted if is_array(wanted) else ())

    def _narrowed(self, base: JsonSchema, held: JsonSchema) -> JsonSchema:
        """A property that was there already, and says more here."""
        if not is_object(base) or not is_object(held) or "$ref" in held:
            return held
        return {**self._resolved(base), **held}

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema that a reference leads to."""
        seen: set[str] = set()
        found: Any = schema
        while (name := name_in(found)) is not None and name not in seen:
            seen.add(name)
            found = self._schemas.get(name)
        return found if is_object(found) else {}

    def _description(self, schema: JsonSchema) -> str:
        if not is_object(schema):
            return ""
        text = schema.get("description") or self._resolved(schema).get("description")
        return text.strip() if isinstance(text, str) else ""


def _either(kinds: Iterable[Line]) -> Line:
    different = list(dict.fromkeys(kinds))
    return tuple(part for kind in different for part in (Span(" or "), *kind))[1:]


def _dotted(path: tuple[str, ...]) -> str:
    text = ""
    for step in path:
        text += step if step in {"[]"} or not text else f".{step}"
    return text


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
