"""Values against JSON Schemas: what is wrong, where, and in which branch of a union."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

from ..ir.json_values import is_array, is_object
from ..ir.types import JsonSchema


class SchemaValidator(Protocol):
    """A compiled schema."""

    def is_valid(self, instance: Any) -> bool:
        """Whether a value satisfies the schema."""
        ...

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """Each way in which it does not."""
        ...


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing about a value that its schema does not allow."""

    pointer: tuple[str | int, ...]
    message: str
    keyword: str
    """Of the schema, that does not allow it."""
    names_key: bool = False
    """Whether it is the key there that is wrong, and not the value."""


class SchemaTable:
    """A table of schemas, each compiled when it is first used.

    Raises:
        ValueError: a schema itself is not allowed; from every method.
    """

    def __init__(self, schemas: dict[str, JsonSchema], *, draft: int) -> None:
        """``draft`` is 7 or 2020."""
        self._schemas = schemas
        self._draft = draft

    def validator(self, schema: JsonSchema) -> SchemaValidator:
        """Compile a schema whose references lead into the table."""
        names = reachable(schema, self._schemas)
        whole = {"$defs": {name: self._schemas[name] for name in names}, "allOf": [schema]}
        return compile_schema(whole, draft=self._draft)


def compile_schema(schema: JsonSchema, *, draft: int, checks_formats: bool = True) -> SchemaValidator:
    """Compile a schema that is complete in itself; ``draft`` is 4, 7 or 2020.

    Raises:
        ValueError: the schema itself is not allowed.
    """
    import jsonschema_rs

    drafts: dict[int, Any] = {
        4: jsonschema_rs.Draft4Validator,
        7: jsonschema_rs.Draft7Validator,
        2020: jsonschema_rs.Draft202012Validator,
    }
    return cast("SchemaValidator", drafts[draft](schema, validate_formats=checks_formats, offline=True))


def violations(validator: SchemaValidator, value: Any) -> Iterator[Violation]:
    """What is wrong with a value; for a union, what is wrong in the branch that was most likely meant."""
    if validator.is_valid(value):
        return
    for error in validator.iter_errors(value):
        yield from _explain(error)


def _explain(error: Any, *, is_branch: bool = False) -> Iterator[Violation]:
    if _is_reference(error):
        return
    branches: list[list[Any]] = getattr(error.kind, "context", None) or []
    here = tuple(error.instance_path)
    if branches and (meant := _meant(branches, len(here))) is not None:
        for inner in meant:
            yield from _explain(inner, is_branch=True)
        return
    if error.kind.name in {"additionalProperties", "unevaluatedProperties"}:
        for key in error.kind.unexpected:
            yield Violation((*here, key), f"`{key}` is not allowed here", error.kind.name, names_key=True)
        return
    message = _shorten(str(error.message))
    heads: list[Any] = [branch[0] for branch in branches if branch]
    if heads and all(head.kind.name == "type" and tuple(head.instance_path) == here for head in heads):
        types = dict.fromkeys(kind for head in heads for kind in head.kind.types)
        message = f"{_shorten(json.dumps(error.instance))} is not of type {' or '.join(types)}"
    elif heads and (names := [name for head in heads if (name := _definition(head))]):
        message = f"this fits none of {', '.join(dict.fromkeys(names))}"
    elif is_branch and (name := _definition(error)):
        message = f"{message} (taken for: {name})"
    yield Violation(here, message, error.kind.name)


def _is_reference(error: Any) -> bool:
    """Whether it is a reference, where a meta-schema allows one or else a schema, which it also is."""
    value = error.instance
    return "more than one" in str(error.message) and is_object(value) and isinstance(value.get("$ref"), str)


def _definition(error: Any) -> str:
    """The name of the definition in a meta-schema that an error is from; empty if it has none."""
    location = str(getattr(error, "absolute_keyword_location", None) or "")
    match = _DEFINITION.search(location)
    return match[1] if match is not None else ""


def _meant(branches: list[list[Any]], depth: int) -> list[Any] | None:
    """The branch that was most likely meant, by what it complains of; None if none stands out."""
    wrong = sorted(
        (branch for branch in branches if branch), key=lambda one: _likeness(one, depth), reverse=True
    )
    if not wrong or (len(wrong) > 1 and _likeness(wrong[0], depth) == _likeness(wrong[1], depth)):
        return None
    return wrong[0]


def _likeness(errors: list[Any], depth: int) -> tuple[bool, bool, int, bool, int]:
    """How much a value looks as if it were meant for a branch with these errors."""
    leaves = [leaf for error in errors for leaf in _leaves(error)]
    wants_reference = any(leaf.kind.name == "required" and leaf.kind.property == "$ref" for leaf in leaves)
    is_other_kind = any(
        leaf.kind.name in {"const", "enum"}
        and len(leaf.instance_path) == depth + 1
        and leaf.instance_path[-1] in _KINDS
        for leaf in leaves
    )
    reach = min(len(leaf.instance_path) for leaf in leaves)
    has_wrong_type = any(leaf.kind.name == "type" and len(leaf.instance_path) == depth for leaf in leaves)
    return not wants_reference, not is_other_kind, reach, not has_wrong_type, -len(leaves)


def _leaves(error: Any) -> list[Any]:
    """What an error comes down to: for a union, the complaints of its most likely branch."""
    branches: list[list[Any]] = getattr(error.kind, "context", None) or []
    if not any(branches):
        return [error]
    depth = len(error.instance_path)
    best = max(filter(None, branches), key=lambda branch: _likeness(branch, depth))
    return [leaf for inner in best for leaf in _leaves(inner)]


_DEFINITION = re.compile(r"/([A-Za-z][\w-]*)(?:\.json)?#?(?:/|$)(?!.*\.json)")
_KINDS = frozenset(["type", "in", "scheme"])


def _shorten(message: str) -> str:
    one_line = " ".join(message.split())
    return one_line if len(one_line) <= 200 else f"{one_line[:120]} … {one_line[-70:]}"


def reachable(schema: JsonSchema, schemas: dict[str, JsonSchema]) -> list[str]:
    """Names of the schemas in a table that a schema refers to, directly or not."""
    found: dict[str, None] = {}
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if is_object(value):
            name = str(value.get("$ref")).removeprefix("#/$defs/")
            if name in schemas and name not in found:
                found[name] = None
                waiting.append(schemas[name])
            waiting.extend(value.values())
        elif is_array(value):
            waiting.extend(value)
    return list(found)
