"""Messages made from the spec's schemas alone, by chance."""

from __future__ import annotations

import random
import string
import uuid
from typing import Any, Final

from .._generated.protocol import PROTOCOL
from ..core.catalogue import UnknownEventError
from ..core.clock import rfc3339
from ..core.validation import SchemaValidator, packaged_validator

_DEEPEST: Final = 6
"""From there on what is optional is left out, so that what is recursive ends."""
_MOST_ITEMS: Final = 3
_LATEST: Final = 2_000_000_000
_WORDS: Final = ("alpha", "bravo", "charlie", "delta", "echo", "Größe", "日本", "tab\there", 'quote"d')


class CannotGenerateError(NotImplementedError):
    """A schema uses what this generator does not understand; the text names it."""


def generate(message: str, seed: int) -> dict[str, Any]:
    """A whole frame of one message of the spec, the same for the same seed.

    Args:
        message: the message's name, such as ``VmStateChanged``; commands too.
        seed: decides about all that the schema leaves open.

    Raises:
        UnknownEventError: the spec has no such message.
        CannotGenerateError: its schema uses a keyword that is not understood.
    """
    validator = packaged_validator()
    schema = validator.message_schema(message)
    if schema is None:
        known = ", ".join(validator.message_names)
        raise UnknownEventError(f"no message {message!r}: the spec has {known}")
    source = random.Random(seed)  # noqa: S311 - examples that repeat, and no secrets
    frame: dict[str, Any] = SchemaSampler(validator, source).sample(schema)
    fault = validator.message_fault(message, frame)
    if fault is not None:
        raise CannotGenerateError(f"the schema of {message} is not understood: {fault}")
    return frame


def generated_body(channel: str, message: str, source: random.Random) -> Any:
    """A body for an event, drawn from ``source``; see ``generate`` for what is raised."""
    found = PROTOCOL.events.get((channel, message))
    if found is None:
        raise UnknownEventError(f"the spec has no event {channel}/{message}")
    return generate(found.__name__, source.getrandbits(64)).get("body")


class SchemaSampler:
    """Draws values that satisfy a schema, for the part of JSON Schema that specs of messages use."""

    def __init__(self, validator: SchemaValidator, source: random.Random) -> None:
        self._definitions = validator.definitions
        self._random = source

    def sample(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """A value.

        Raises:
            CannotGenerateError: a keyword is not understood.
        """
        whole = self._merged(schema)
        if "const" in whole:
            return whole["const"]
        if "enum" in whole:
            return self._random.choice(whole["enum"])
        kind: Any = whole.get("type", "object" if "properties" in whole else "string")
        if not isinstance(kind, str):
            kind = self._random.choice(kind)
        match kind:
            case "object":
                return self._object(whole, depth)
            case "array":
                return self._array(whole, depth)
            case "string":
                return self._string(whole)
            case "integer":
                return self._random.randint(*_bounds(whole))
            case "number":
                low, high = _bounds(whole)
                return round(self._random.uniform(low, high), 3)
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
            case _:
                raise CannotGenerateError(f"the type {kind!r} is not understood")

    def _merged(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema without ``$ref``, ``allOf`` and ``anyOf``; of ``anyOf`` one branch is drawn."""
        if "$ref" in schema:
            return self._merged(self._definitions[schema["$ref"].removeprefix("#/$defs/")])
        parts = [self._merged(part) for part in schema.get("allOf", ())]
        if "anyOf" in schema:
            parts.append(self._merged(self._random.choice(schema["anyOf"])))
        whole: dict[str, Any] = {}
        for part in (*parts, {key: value for key, value in schema.items() if key not in ("allOf", "anyOf")}):
            _narrow(whole, part)
        return whole

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        properties: dict[str, Any] = schema.get("properties", {})
        made: dict[str, Any] = {}
        for name in dict.fromkeys([*properties, *required]):
            if name in required or (depth < _DEEPEST and self._random.random() < 0.5):
                made[name] = self.sample(properties.get(name, {}), depth + 1)
        further: Any = schema.get("additionalProperties", False)
        if further is not False and depth < _DEEPEST:
            for _ in range(self._random.randint(0, _MOST_ITEMS)):
                made.setdefault(self._word(), self.sample({} if further is True else further, depth + 1))
        return made

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = max(least, _MOST_ITEMS if depth < _DEEPEST else 0)
        items: list[Any] = []
        wanted = self._random.randint(least, min(most, schema.get("maxItems", most)))
        for _ in range(20 * (wanted + 1)):
            if len(items) == wanted:
                break
            item = self.sample(schema.get("items", {}), depth + 1)
            if not schema.get("uniqueItems") or item not in items:
                items.append(item)
        return items

    def _string(self, schema: dict[str, Any]) -> str:
        match schema.get("format"):
            case "date-time":
                moment = rfc3339(self._random.uniform(0, _LATEST))
                digits = self._random.randint(0, 9)
                fraction = "".join(self._random.choices(string.digits, k=digits))
                return f"{moment[:19]}.{fraction}Z" if digits else f"{moment[:19]}Z"
            case "uuid":
                return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            case "uri":
                host = self._random.choice(string.ascii_lowercase)
                return f"https://{host}.example/{self._random.randint(0, 999)}"
            case None if "pattern" not in schema:
                text = " ".join(self._word() for _ in range(self._random.randint(0, 3)))
                return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
            case _:
                known = schema.get("format") or schema["pattern"]
                raise CannotGenerateError(f"texts of the form {known!r} are not understood")

    def _word(self) -> str:
        return self._random.choice(_WORDS)


def _narrow(whole: dict[str, Any], part: dict[str, Any]) -> None:
    """Add what another schema asks for."""
    for key, value in part.items():
        if key == "required":
            whole[key] = [*dict.fromkeys([*whole.get(key, ()), *value])]
        elif key == "properties":
            known = whole.get(key, {})
            whole[key] = {
                **known,
                **{name: {"allOf": [known[name], p]} if name in known else p for name, p in value.items()},
            }
        else:
            whole[key] = value


def _bounds(schema: dict[str, Any]) -> tuple[int, int]:
    low = schema.get("minimum", -1000)
    return low, schema.get("maximum", max(low, 0) + 1000)
