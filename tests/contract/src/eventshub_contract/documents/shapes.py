"""Finds out, by its shape alone, what of the spec a JSON value is meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ..bundle import Bundle, Json, MessageSpec, as_object, is_list
from ..schemas import Schemas

_ANSWER: Final = re.compile(
    r"\b(response|reply|replies|answer|answers|answered|returns|receive|pong)\b", re.IGNORECASE
)
_COMMON: Final = frozenset({"id", "code", "message", "status", "type", "name", "timestamp"})
_ENOUGH: Final = 0.6


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value is meant to be."""

    name: str
    """For a person; of a message its name."""
    schema: Json
    message: MessageSpec | None = None
    unknown: str = ""
    """What of it is in no document."""


class Shapes:
    """Knows every shape of the spec."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._schemas = Schemas(bundle)

    def of(self, value: Json, before: str = "") -> Shape | None:
        """What a value looks like; None: nothing of the spec.

        Args:
            value: Decoded JSON.
            before: The text before it, which may say that it is an answer.
        """
        frame = as_object(value)
        if frame is not None:
            return self._frame(frame, before) or self._rest(frame)
        if is_list(value) and value:
            first = as_object(value[0])
            item = self._rest(first) if first is not None else None
            return Shape(f"a list of {item.name}", {"type": "array", "items": item.schema}) if item else None
        return None

    def _frame(self, frame: Mapping[str, Json], before: str) -> Shape | None:
        values = [
            next((frame[key] for key in keys if isinstance(frame.get(key), str)), None)
            for keys in self._bundle.stream.discriminators
        ]
        if not all(values):
            return None
        if not self._is_ours(frame, values):
            return None
        body = as_object(frame.get("body")) or {}
        welcome = self._bundle.welcome
        if "subscriptions" in body or "connection established" in str(values[-1]):
            return Shape(welcome.name, welcome.schema, welcome)
        is_reply = "ref_id" in frame or "body" in frame or "timestamp" in frame
        command = self._bundle.command_of(frame)
        has_other_key = any(key in frame for keys in self._bundle.stream.discriminators for key in keys[1:])
        if not is_reply and (has_other_key or (command is not None and not _ANSWER.search(before[-60:]))):
            if command is not None:
                return Shape(command.name, command.schema, command)
            return Shape("a command", None, unknown=f"the command {' '.join(map(str, values))}")
        message = self._bundle.message_of(frame)
        if message is not None:
            return Shape(message.name, message.schema, message)
        return Shape("a message", None, unknown=f"the message {' '.join(map(str, values))}")

    def _is_ours(self, frame: Mapping[str, Json], values: list[Json]) -> bool:
        """Whether it has the look of a frame: a channel of the hub, or a name near one, or an envelope."""
        envelope = {"id", "timestamp", "ref_id", "client_id", "body"} & frame.keys()
        if values[0] in self._bundle.stream.channels:
            return True
        known = {value for message in self._bundle.messages for value in message.values.values()}
        return values[-1] in known or ("event_type" in frame and bool(envelope))

    def _rest(self, value: Mapping[str, Json]) -> Shape | None:
        best: tuple[float, int, str, Json] | None = None
        for name, schema in self._candidates():
            known = set(self._schemas.properties(schema))
            shared = known & value.keys()
            if not shared - _COMMON and not (name == "ErrorResponse" and set(value) == {"code", "message"}):
                continue
            score = len(shared) / max(1, len(value))
            if len(shared) >= min(2, len(value)) and score >= _ENOUGH:
                rank = (score, len(shared), name, schema)
                best = rank if best is None or rank[:2] > best[:2] else best
        return Shape(best[2], best[3]) if best else None

    def _candidates(self) -> Iterator[tuple[str, Json]]:
        for endpoint in self._bundle.rest:
            if endpoint.request is not None:
                yield _named(endpoint.request, f"the request {endpoint.operation_id}"), endpoint.request
            for response in endpoint.responses.values():
                schema = as_object(response.schema)
                if schema is not None:
                    inner = schema.get("items", schema) if schema.get("type") == "array" else schema
                    yield _named(inner, f"an answer of {endpoint.operation_id}"), inner


def _named(schema: Json, otherwise: str) -> str:
    reference = (as_object(schema) or {}).get("$ref")
    return reference.rpartition("/")[2] if isinstance(reference, str) else otherwise
