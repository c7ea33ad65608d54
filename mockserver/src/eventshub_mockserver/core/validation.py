"""Checks against the spec's JSON Schemas: nothing leaves the hub that the spec would not allow."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import jsonschema_rs
import msgspec

_SCHEMAS: Final = resources.files("eventshub_mockserver._generated").joinpath("schemas.json")
_VALUE_SHOWN: Final = 200


class SchemaValidator:
    """Validates messages and REST bodies; a validator is compiled when it is first needed."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._definitions: dict[str, Any] = schemas["$defs"]
        self._messages: dict[str, dict[str, Any]] = schemas["messages"]
        self._rest: dict[str, dict[str, dict[str, Any]]] = schemas["rest"]
        self._compiled: dict[tuple[str, str], jsonschema_rs.Validator] = {}

    @property
    def definitions(self) -> Mapping[str, dict[str, Any]]:
        """The schemas that others refer to, by name."""
        return self._definitions

    @property
    def message_names(self) -> tuple[str, ...]:
        """Every message of the spec, commands too."""
        return tuple(self._messages)

    def message_schema(self, name: str) -> dict[str, Any] | None:
        """The schema of a message's frames; it refers to ``definitions``."""
        return self._messages.get(name)

    def message_fault(self, name: str, frame: object) -> str | None:
        """What is wrong with a frame that should be the message ``name``, or ``None``."""
        return self._fault(("message", name), self._messages[name], frame)

    def request_fault(self, operation: str, body: object) -> str | None:
        """What is wrong with the request body of a REST operation, or ``None``."""
        return self._fault(("request", operation), self._rest[operation]["request"], body)

    def _fault(self, key: tuple[str, str], schema: dict[str, Any], value: object) -> str | None:
        validator = self._compiled.get(key)
        if validator is None:
            validator = jsonschema_rs.validator_for(
                {"$defs": self._definitions, **schema}, validate_formats=True
            )
            self._compiled[key] = validator
        if validator.is_valid(value):
            return None
        error = next(validator.iter_errors(value))
        text = error.message
        if len(text) > _VALUE_SHOWN:
            text = f"{text[:_VALUE_SHOWN]}…"
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
        return f"{where.removeprefix('.')}: {text}" if where else text


@cache
def packaged_validator() -> SchemaValidator:
    """The validator of the schemas that this package was generated with."""
    return SchemaValidator(msgspec.json.decode(_SCHEMAS.read_bytes()))
