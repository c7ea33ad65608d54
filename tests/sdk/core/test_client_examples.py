"""Every example of the spec, valid or not, through the codec."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from eventshub import MessageDecodeError, UnknownEvent
from eventshub._core.codec import Codec
from eventshub._core.message import Message, encode_open
from eventshub._generated import messages
from eventshub._generated.protocol import PROTOCOL

EXAMPLES = Path(__file__).parents[3] / "spec" / "examples"
CODEC = Codec(PROTOCOL)
TOLERATED = {
    "MaintenanceScheduled-body-ends_at-is-not-in-utc",
    "VmStateChanged-timestamp-with-offset",
    "VmStateChanged-timestamp-with-ten-fraction-digits",
    "Welcome-duplicate-subscription",
}
"""What the client takes although a hub must not send it: other time zones, finer times, repeats in a list."""
TO_CLIENT = {kind.__name__ for kind in PROTOCOL.messages.values()}


def examples(validity: str) -> list[Path]:
    return sorted((EXAMPLES / validity).glob("*/*.json"))


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def message_class(path: Path) -> type[Message]:
    kind: type[Message] = getattr(messages, path.parent.name)
    return kind


def decode(path: Path) -> Message:
    """As the session does: the welcome by its position, everything else by its header."""
    kind, frame = message_class(path), path.read_bytes()
    return CODEC.decode(frame) if kind.__name__ in TO_CLIENT else CODEC.decode_as(kind, frame)


@pytest.mark.parametrize("path", examples("valid"), ids=named)
def test_valid_example_becomes_its_class(path: Path) -> None:
    message = decode(path)
    assert type(message) is message_class(path)
    assert message.payload == json.loads(path.read_bytes())


@pytest.mark.parametrize("path", examples("valid"), ids=named)
def test_valid_example_encodes_to_an_equal_message(path: Path) -> None:
    message = decode(path)
    again = msgspec.json.encode(message, enc_hook=encode_open)
    assert CODEC.decode_as(type(message), again) == message


def invalid_examples() -> list[Path]:
    return [path for path in examples("invalid") if path.parent.name in TO_CLIENT | {"Welcome"}]


@pytest.mark.parametrize(
    "path", [path for path in invalid_examples() if named(path) not in TOLERATED], ids=named
)
def test_invalid_example_is_reported_or_unknown(path: Path) -> None:
    outcome: Message | MessageDecodeError
    try:
        outcome = decode(path)
    except MessageDecodeError as error:
        outcome = error
    if isinstance(outcome, MessageDecodeError):
        assert outcome.path.startswith("$")
        assert outcome.reason
    else:
        assert type(outcome) is UnknownEvent


def test_what_is_tolerated_is_decoded() -> None:
    tolerated = [path for path in invalid_examples() if named(path) in TOLERATED]
    assert {type(decode(path)).__name__ for path in tolerated} == {path.parent.name for path in tolerated}
    assert len(tolerated) == len(TOLERATED)
