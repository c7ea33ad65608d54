"""Whether a document has the shape of a scenario: every error, each with what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Final

import jsonschema_rs
import msgspec

from .document import Document, Path, Problem

_SCHEMA: Final = resources.files("eventshub_mockserver.sources.scenario").joinpath("scenario.schema.json")
_SHOWN: Final = 80
_TYPES: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


@cache
def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenarios."""
    schema: dict[str, Any] = msgspec.json.decode(_SCHEMA.read_bytes())
    return schema


def shape_problems(document: Document, rendered: Any) -> Iterator[tuple[Path, Problem]]:
    """All that is wrong with the shape of a document, its templates replaced; each with the way to it."""
    for error in _validator().iter_errors(rendered):
        path = tuple(error.instance_path)
        schema = _schema_at(error.schema_path[:-1])
        for problem in _explained(document, error, path, schema):
            yield path, problem


def step_around(path: Path) -> Path:
    """The way to the innermost step that a value is in; an empty one for what is in no step."""
    for end in range(len(path), 1, -1):
        if path[end - 2] == "steps" and isinstance(path[end - 1], int):
            return path[:end]
    return ()


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(scenario_schema())


def _explained(
    document: Document, error: jsonschema_rs.ValidationError, path: Path, schema: dict[str, Any]
) -> Iterator[Problem]:
    facts: dict[str, Any] = error.kind.as_dict()
    what = _named(path)
    match error.kind.name:
        case "additionalProperties":
            for key in facts["unexpected"]:
                allowed = list(schema["properties"])
                close = difflib.get_close_matches(key, allowed, 1)
                hint = f" (did you mean {close[0]}?)" if close else ""
                text = f"there is no {key!r} in {what}{hint}: {', '.join(allowed)} are allowed"
                yield Problem(document.place((*path, key)), text)
        case "required":
            text = f"{what} lacks {facts['property']!r}: {', '.join(schema['required'])} must be there"
            yield Problem(document.place(path), text)
        case "minProperties" | "maxProperties":
            text = f"{what} must be one thing to do: one of {', '.join(schema['properties'])}"
            yield Problem(document.place(path), text)
        case _:
            text = f"{what} must be {_allowed(schema)}, not {_shown(error.instance)}"
            yield Problem(document.place(path), text)


def _allowed(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return _shown(schema["const"])
    kind = _TYPES[schema["type"]]
    if "anyOf" in schema:
        ranges = [f"{part['minimum']} to {part['maximum']}" for part in schema["anyOf"]]
        return f"{kind} from {' or '.join(ranges)}"
    if "pattern" in schema:
        return f"{kind} of letters, digits and _, no digit first"
    if "minLength" in schema:
        return f"{kind}, not empty"
    if "minItems" in schema:
        return f"{kind} of {schema['minItems']} or more"
    bounds = [
        f"{words} {schema[key]}"
        for key, words in (("minimum", "at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"))
        if key in schema
    ]
    return ", ".join([kind, *bounds])


def _schema_at(path: list[str | int]) -> dict[str, Any]:
    """A part of the schema; ``$ref`` stands in the path where one was followed."""
    root = scenario_schema()
    part: Any = root
    for key in (*path, "$ref"):
        if key != "$ref":
            part = part[key]
        while "$ref" in part:
            part = root["$defs"][part["$ref"].removeprefix("#/$defs/")]
    found: dict[str, Any] = part
    return found


def _named(path: Path) -> str:
    keys = [key for key in path if isinstance(key, str)]
    if not keys:
        return "the scenario"
    if isinstance(path[-1], int):
        return "a step" if path[-2] == "steps" else f"an item of {path[-2]}"
    return keys[-1]


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
