"""Values against JSON Schemas: what is wrong, where, and in which branch of a union."""

from __future__ import annotations

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


def _explain(error: Any) -> Iterator[Violation]:
    branches: list[list[Any]] = getattr(error.kind, "context", None) or []
    here = tuple(error.instance_path)
    if branches and (meant := _meant(branches, len(here))) is not None:
        for inner in meant:
            yield from _explain(inner)
        return
    if error.kind.name == "additionalProperties":
        for key in error.kind.unexpected:
            yield Violation((*here, key), f"`{key}` is not allowed here", error.kind.name, names_key=True)
        return
    yield Violation(here, _shorten(str(error.message)), error.kind.name)


def _meant(branches: list[list[Any]], depth: int) -> list[Any] | None:
    """The branch that was most likely meant, by what it complains of; None if none stands out."""

    def likeness(errors: list[Any]) -> tuple[bool, int, bool]:
        reach = min(len(error.instance_path) for error in errors)
        wants_reference = any(
            error.kind.name == "required" and error.kind.property == "$ref" for error in errors
        )
        has_wrong_type = any(
            error.kind.name == "type" and len(error.instance_path) == depth for error in errors
        )
        return not wants_reference, reach, not has_wrong_type

    wrong = sorted((branch for branch in branches if branch), key=likeness, reverse=True)
    if not wrong or (len(wrong) > 1 and likeness(wrong[0]) == likeness(wrong[1])):
        return None
    return wrong[0]


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
