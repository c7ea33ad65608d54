"""What holds for every message that the schemas allow, and for every one that they do not."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sdk.properties.schema_values import BUNDLE, DEFS, Place, Values, damaged, shuffled

from eventshub import MessageDecodeError, UnknownEvent
from eventshub._core.codec import Codec
from eventshub._core.message import Message, encode_open
from eventshub._generated import messages
from eventshub._generated.protocol import PROTOCOL

CODEC = Codec(PROTOCOL)
INCOMING: dict[str, dict[str, Any]] = {
    message["name"]: message["schema"]
    for message in BUNDLE["messages"]
    if message["direction"] == "hub-to-client"
}
VALIDATORS = {
    name: jsonschema_rs.Draft202012Validator({"$defs": DEFS, **schema}) for name, schema in INCOMING.items()
}
TOLERATED_KEYWORDS = {
    "uniqueItems",  # a channel granted twice is granted
    "pattern",  # of a time: other zones and finer fractions say no less
}
TOLERATED_MISSING = {"id", "timestamp"}
"""Some hubs leave these out of replies and errors, which ``x-tolerate-missing`` in the spec allows for."""

# A fixed choice of examples, unless more are asked for: those are other ones each time.
EXAMPLES = int(os.environ.get("EVENTSHUB_PROPERTY_EXAMPLES", "0"))
thorough = settings(
    max_examples=EXAMPLES or 12,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    # Messages are large, and a busy machine is slow.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
each_message = pytest.mark.parametrize("name", sorted(INCOMING))


def message_class(name: str) -> type[Message]:
    kind: type[Message] = getattr(messages, name)
    return kind


def decode(name: str, frame: bytes) -> Message:
    """As the session does: the welcome by its position, everything else by its header."""
    return CODEC.decode_welcome(message_class(name), frame) if name == "Welcome" else CODEC.decode(frame)


@each_message
def test_what_the_schema_allows_encodes_to_equal_json(name: str) -> None:
    @thorough
    @given(Values(plain=True).of(INCOMING[name]), st.integers(0, 9))
    def check(payload: dict[str, Any], seed: int) -> None:
        message = decode(name, json.dumps(shuffled(payload, seed)).encode())
        assert type(message) is message_class(name)
        assert json.loads(msgspec.json.encode(message, enc_hook=encode_open)) == payload

    check()


@each_message
def test_what_the_schema_tolerates_is_kept(name: str) -> None:
    """Keys that are not listed and times of any fineness cost no event, and are kept."""

    @thorough
    @given(Values(plain=False).of(INCOMING[name]))
    def check(payload: dict[str, Any]) -> None:
        frame = json.dumps(payload).encode()
        VALIDATORS[name].validate(payload)
        message = decode(name, frame)
        assert type(message) is message_class(name)
        assert message.payload == payload
        again = decode(name, msgspec.json.encode(message, enc_hook=encode_open))
        assert again == message

    check()


@each_message
def test_what_the_schema_forbids_is_reported_with_its_place(name: str) -> None:
    @thorough
    @given(damaged(Values(plain=False).of(INCOMING[name])))
    def check(payload: dict[str, Any]) -> None:
        outcome: Message | MessageDecodeError
        try:
            outcome = decode(name, json.dumps(payload).encode())
        except MessageDecodeError as error:
            outcome = error
        faults = list(VALIDATORS[name].iter_errors(payload))
        if not faults:
            assert type(outcome) is message_class(name), outcome
        elif isinstance(outcome, MessageDecodeError):
            assert any(leads_to(outcome.path, tuple(fault.instance_path)) for fault in faults), outcome
        else:
            # Another name makes it another message, here one that nobody knows.
            assert type(outcome) is UnknownEvent or all(map(is_tolerated, faults)), faults

    check()


def is_tolerated(fault: jsonschema_rs.ValidationError) -> bool:
    keyword = fault.schema_path[-1]
    if keyword == "required":
        return str(fault.message).split('"')[1] in TOLERATED_MISSING
    return keyword in TOLERATED_KEYWORDS


def leads_to(reported: str, place: Place) -> bool:
    """Whether the client's path is the schema's, or goes on from there into one of several branches."""
    pattern = r"\$"
    for step in place:
        key = re.escape(f"[{step}]" if isinstance(step, int) else f".{step}")
        # Keys that are data have no name in a path.
        pattern += rf"(?:{key}|\[\.\.\.\])"
    return re.match(pattern, reported) is not None
