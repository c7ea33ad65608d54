"""Checks against the spec's JSON Schemas: nothing leaves the hub that the spec would not allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import jsonschema_rs
import msgspec

_SCHEMAS: Final = resources.files("eventshub_mockserver._generated").joinpath("schemas.json")
_VALUE_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One thing that a schema does not allow."""

    path: tuple[str | int, ...]
    """Keys and indexes on the way to it."""
    text: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Where, and what."""
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return f"{where.removeprefix('.')}: {self.text}" if where else self.text


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

    def message_faults(self, name: str, frame: object) -> list[SchemaFault]:
        """All that is wrong with a frame that should be the message ``name``."""
        errors = self._validator(("message", name), self._messages[name]).iter_errors(frame)
        return [SchemaFault(tuple(error.instance_path), _shortened(error.message)) for error in errors]

    def _fault(self, key: tuple[str, str], schema: dict[str, Any], value: object) -> str | None:
        validator = self._validator(key, schema)
        if validator.is_valid(value):
            return None
        error = next(validator.iter_errors(value))
        return str(SchemaFault(tuple(error.instance_path), _shortened(error.message)))

    def _validator(self, key: tuple[str, str], schema: dict[str, Any]) -> jsonschema_rs.Validator:
        validator = self._compiled.get(key)
        if validator is None:
            validator = jsonschema_rs.validator_for(
                {"$defs": self._definitions, **schema}, validate_formats=True
            )
            self._compiled[key] = validator
        return validator


def _shortened(text: str) -> str:
    return text if len(text) <= _VALUE_SHOWN else f"{text[:_VALUE_SHOWN]}…"


@cache
def packaged_validator() -> SchemaValidator:
    """The validator of the schemas that this package was generated with."""
    return SchemaValidator(msgspec.json.decode(_SCHEMAS.read_bytes()))
