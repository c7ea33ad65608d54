"""What the specs say, as the judge reads it: messages, operations, endpoints and rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, TypeGuard, cast

import jsonschema_rs
import msgspec

from .errors import BundleError

_PACKAGE: Final = "eventshub_contract"

Json = Any
"""A decoded JSON value."""


def as_object(value: Json) -> dict[str, Json] | None:
    """The value when it is a JSON object."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else None


def is_list(value: Json) -> TypeGuard[list[Json]]:
    """Whether the value is a JSON array."""
    return isinstance(value, list)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One numbered rule of the protocol."""

    id: str
    title: str
    statement: str
    guide: tuple[str, ...]
    level: Literal["MUST", "SHOULD"]
    binds: Literal["hub", "client", "both"]


class MessageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the stream."""

    name: str
    channels: tuple[str, ...]
    direction: Literal["hub-to-client", "client-to-hub"]
    values: dict[str, str]
    role: str | None = None
    schema: Json
    examples: tuple[dict[str, Json], ...] = ()
    counterexamples: tuple[Json, ...] = ()
    """Frames that look like this message and break its schema."""


class OperationSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A command, and what may answer it."""

    name: str
    request: str
    replies: tuple[str, ...]
    errors: tuple[str, ...] = ()
    request_correlation: str
    reply_correlation: str


class ResponseSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What comes with one status of an endpoint."""

    schema: Json = None
    content_type: str | None = None
    headers: tuple[str, ...] = ()
    """Those that it always has."""
    optional_headers: tuple[str, ...] = ()


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One REST operation."""

    operation_id: str
    method: str
    path: str
    websocket: bool = False
    request: Json = None
    responses: dict[str, ResponseSpec]


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """The WebSocket stream as a whole."""

    address: str
    channels: tuple[str, ...]
    always_subscribed: tuple[str, ...]
    discriminators: tuple[tuple[str, ...], ...]


class Bundle(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything the judge knows of the documents."""

    title: str
    version: str
    stream: Stream
    messages: tuple[MessageSpec, ...]
    operations: tuple[OperationSpec, ...]
    rest: tuple[Endpoint, ...]
    rules: tuple[Rule, ...]
    defs: dict[str, Json] = msgspec.field(name="$defs")

    @cached_property
    def hub_rules(self) -> Mapping[str, Rule]:
        """The rules that bind the hub, by ID, in the order of the documents."""
        return {rule.id: rule for rule in self.rules if rule.binds != "client"}

    @cached_property
    def client_rules(self) -> Mapping[str, Rule]:
        """The rules that bind a client, by ID, in the order of the documents."""
        return {rule.id: rule for rule in self.rules if rule.binds != "hub"}

    @cached_property
    def welcome(self) -> MessageSpec:
        """The message with the role ``welcome``."""
        return next(message for message in self.messages if message.role == "welcome")

    @cached_property
    def events(self) -> tuple[MessageSpec, ...]:
        """What a hub publishes of its own accord: no replies, nothing with a role."""
        replies = {name for operation in self.operations for name in (*operation.replies, *operation.errors)}
        return tuple(
            message
            for message in self.messages
            if message.direction == "hub-to-client" and message.role is None and message.name not in replies
        )

    @cached_property
    def _by_values(self) -> Mapping[tuple[str | None, ...], MessageSpec]:
        return {
            self._values_of(message.values): message
            for message in self.messages
            if message.direction == "hub-to-client" and message.role != "welcome"
        }

    @cached_property
    def commands(self) -> tuple[MessageSpec, ...]:
        """What a client sends."""
        return tuple(message for message in self.messages if message.direction == "client-to-hub")

    @cached_property
    def _endpoints(self) -> Mapping[tuple[str, str], Endpoint]:
        return {(endpoint.method.upper(), endpoint.path): endpoint for endpoint in self.rest}

    def message_of(self, frame: Mapping[str, Json]) -> MessageSpec | None:
        """The message that a frame from the hub is, by its discriminators; None: not in the documents."""
        return self._by_values.get(self._values_of(frame))

    def command_of(self, frame: Mapping[str, Json]) -> MessageSpec | None:
        """The command that a frame to the hub is, under whichever keys; None: not in the documents."""
        found = tuple(
            next((frame[key] for key in keys if key in frame), None) for keys in self.stream.discriminators
        )
        return next((each for each in self.commands if self._values_of(each.values) == found), None)

    def endpoint(self, method: str, path: str) -> Endpoint | None:
        """The endpoint at a path; None: not in the documents."""
        return self._endpoints.get((method.upper(), path))

    def violations(self, schema: Json, value: Json) -> list[str]:
        """Where a value departs from a schema of this bundle: ``at body.vm_id: ... is not of type ...``."""
        return [
            f"at {'.'.join(str(step) for step in error.instance_path) or 'the top'}: {error.message}"
            for error in self._validator(schema, mask=None).iter_errors(value)
        ]

    def kinds_of_violations(self, schema: Json, value: Json) -> list[tuple[str, str]]:
        """The same, without the values and the numbers of elements, and each with what was found there."""
        return [
            (f"at {_masked(error.instance_path) or 'the top'}: {error.message}", json.dumps(error.instance))
            for error in self._validator(schema, mask="it").iter_errors(value)
        ]

    @cached_property
    def _validators(self) -> dict[tuple[bytes, str | None], jsonschema_rs.Draft202012Validator]:
        return {}

    def _validator(self, schema: Json, mask: str | None) -> jsonschema_rs.Draft202012Validator:
        encoded = msgspec.json.encode(schema)
        validator = self._validators.get((encoded, mask))
        if validator is None:
            whole: dict[str, Json] = {**msgspec.json.decode(encoded), "$defs": self.defs}
            validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True, mask=mask)
            self._validators[encoded, mask] = validator
        return validator

    def _values_of(self, values: Mapping[str, Json]) -> tuple[str | None, ...]:
        """The discriminating values; a frame from the hub carries them under their first key alone."""
        found = (values.get(keys[0]) for keys in self.stream.discriminators)
        return tuple(value if isinstance(value, str) else None for value in found)


def _masked(path: Iterable[str | int]) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in path)


def load(path: Path | None = None) -> Bundle:
    """Read a bundle.

    Args:
        path: A file written by the generator's ``contract-bundle`` target. None: the one in this package.

    Raises:
        BundleError: There is none, or it is not a bundle.
    """
    return _packaged() if path is None else _decode(path, str(path))


@cache
def _packaged() -> Bundle:
    return _decode(resources.files(_PACKAGE) / "_generated" / "bundle.json", "the package's own bundle")


def _decode(file: Any, name: str) -> Bundle:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Bundle)
    except OSError as error:
        raise BundleError(f"cannot read {name}: {error.strerror or error}") from error
    except msgspec.MsgspecError as error:
        raise BundleError(f"{name} is not a contract bundle: {error}") from error
