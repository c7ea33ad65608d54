"""Frames to messages: the right type, nothing lost, every defect with its place."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sdk import frames

from eventshub import MessageDecodeError, UnknownEvent, VmAdded, VmStateChanged, Welcome
from eventshub._core.codec import Codec
from eventshub._core.message import Message
from eventshub._core.protocol import StreamProtocol
from eventshub._generated.protocol import PING, PROTOCOL

CODEC = Codec(PROTOCOL)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def decoded(frame: bytes) -> Message | MessageDecodeError:
    try:
        return CODEC.decode(frame)
    except MessageDecodeError as error:
        return error


def test_known_message_becomes_its_own_type() -> None:
    message = CODEC.decode(frames.vm_state("vm-7"))
    assert isinstance(message, VmStateChanged)
    assert (message.channel, message.message) == ("pdfm", "VM_STATE_CHANGED")
    assert message.body.vm_id == "vm-7"
    assert message.timestamp.isoformat() == "2025-12-05T10:15:30+00:00"


def test_raw_is_the_frame_and_payload_its_json() -> None:
    frame = frames.event("pdfm", "VM_REMOVED_LATER", {"any": "thing"}, more=[1])
    message = CODEC.decode(frame)
    assert message.raw == frame
    assert message.payload == json.loads(frame)


def test_raw_cannot_be_set_by_the_sender() -> None:
    frame = frames.event("pdfm", "SOMETHING_NEW", raw="forged")
    assert CODEC.decode(frame).raw == frame


@pytest.mark.parametrize(
    ("channel", "message"), [("pdfm", "NOT_YET"), ("backup", "VM_STATE_CHANGED"), ("", "")]
)
def test_unknown_message_is_data(channel: str, message: str) -> None:
    event = CODEC.decode(frames.event(channel, message, {"deep": {"er": 1}}))
    assert isinstance(event, UnknownEvent)
    assert (event.channel, event.message) == (channel, message)
    assert event.payload["body"] == {"deep": {"er": 1}}


def test_unknown_fields_and_enum_values_are_tolerated() -> None:
    body = {"vm_id": "v", "previous_state": "hibernating", "current_state": "running", "extra": 1}
    message = CODEC.decode(frames.event("pdfm", "VM_STATE_CHANGED", body, beyond="the spec"))
    assert isinstance(message, VmStateChanged)
    assert message.body.previous_state == "hibernating"
    assert not message.body.previous_state.is_known
    assert message.body.current_state.is_known


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        ({"vm_id": 1, "previous_state": "a", "current_state": "b"}, "$.body.vm_id", "Expected `str`"),
        ({"vm_id": "v"}, "$.body", "missing required field `previous_state`"),
        ([], "$.body", "Expected `object`, got `array`"),
    ],
)
def test_malformed_body_is_an_error_with_its_path(body: Any, path: str, reason: str) -> None:
    frame = frames.event("pdfm", "VM_STATE_CHANGED", body)
    with pytest.raises(MessageDecodeError) as caught:
        CODEC.decode(frame)
    assert caught.value.path == path
    assert reason in caught.value.reason
    assert caught.value.raw == frame
    assert "pdfm/VM_STATE_CHANGED" in str(caught.value)
    assert isinstance(caught.value.__cause__, msgspec.ValidationError)


@pytest.mark.parametrize(
    ("vm", "path", "reason"),
    [
        ({"ID": 3}, "$.body.new_vm.ID", "Expected `str`, got `int`"),
        (3, "$.body.new_vm", "Expected `object`, got `int`"),
        ([1], "$.body.new_vm", "Expected `object`, got `array`"),
    ],
)
def test_path_leads_into_open_objects(vm: Any, path: str, reason: str) -> None:
    with pytest.raises(MessageDecodeError) as caught:
        CODEC.decode(frames.event("pdfm", "VM_ADDED", {"vm_id": "v", "new_vm": vm}))
    assert (caught.value.path, caught.value.reason) == (path, reason)


def test_open_object_has_listed_and_unlisted_keys() -> None:
    vm = {"ID": "v", "Name": "box", "Home path": "/vms/box.pvm"}
    message = CODEC.decode(frames.event("pdfm", "VM_ADDED", {"vm_id": "v", "new_vm": vm}))
    assert isinstance(message, VmAdded)
    assert message.body.new_vm["Home path"] == "/vms/box.pvm"
    assert message.body.new_vm.known.name == "box"
    assert dict(message.body.new_vm) == vm


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"nonsense",
        b"null",
        b"[1]",
        b"{}",
        b'{"event_type": 1, "message": "x"}',
        b'{"event_type": "pdfm"}',
        b'{"event_type": "\xff", "message": "x"}',
        b'{"event_type": "pdfm", "message": "x", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"event_type": "pdfm", "message": "x"} trailing',
    ],
    ids=lambda frame: repr(frame[:40]),
)
def test_what_is_no_message_is_a_decode_error(frame: bytes) -> None:
    with pytest.raises(MessageDecodeError) as caught:
        CODEC.decode(frame)
    assert caught.value.raw == frame
    assert caught.value.header is None
    assert len(str(caught.value)) < 300


@given(st.binary())
def test_any_bytes_are_a_message_or_a_decode_error(frame: bytes) -> None:
    assert decoded(frame).raw == frame


@given(
    st.sampled_from(sorted(PROTOCOL.messages)) | st.tuples(st.text(), st.text()),
    st.dictionaries(st.sampled_from(["id", "timestamp", "body", "ref_id", "client_id"]), json_values),
    json_values,
)
def test_any_object_with_a_header_is_a_message_or_names_the_place(
    values: tuple[str, str], fields: dict[str, Any], body: Any
) -> None:
    payload = {"id": "e", "timestamp": frames.TIMESTAMP, "body": body, **fields}
    frame = json.dumps({**payload, "event_type": values[0], "message": values[1]}).encode()
    outcome = decoded(frame)
    if isinstance(outcome, MessageDecodeError):
        assert values in PROTOCOL.messages
        assert outcome.path.startswith("$")
        assert " - at " not in outcome.reason
    else:
        assert type(outcome) is PROTOCOL.messages.get(values, UnknownEvent)


def test_forged_text_stays_on_one_line() -> None:
    body = {"vm_id": "v", "previous_state": "a", "current_state": "b"}
    forged = "\n2026 INFO all is well\x1b[2J"
    outcome = decoded(frames.event("pdfm", "VM_STATE_CHANGED", body, timestamp=forged, client_id=5))
    assert isinstance(outcome, MessageDecodeError)
    assert str(outcome).isprintable()
    with pytest.raises(MessageDecodeError) as caught:
        CODEC.decode_as(Welcome, frames.welcome(event_type=forged))
    assert str(caught.value).isprintable()


def test_names_made_up_by_a_peer_are_not_remembered() -> None:
    tracemalloc.start()
    try:
        CODEC.decode(frames.event("made-up", "NAME"))
        before, _ = tracemalloc.get_traced_memory()
        for number in range(5_000):
            CODEC.decode(frames.event("made-up", f"NAME_{number}"))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000


def test_command_has_both_keys() -> None:
    sent = json.loads(CODEC.encode(PING.request(id="r-1")))
    assert sent == {"event_type": "health", "type": "health", "message": "ping", "id": "r-1"}


def test_one_discriminator_is_enough() -> None:
    class Header(Message, frozen=True, kw_only=True):
        kind: str

    class Number(Message, frozen=True, kw_only=True):
        kind: str
        value: int

    protocol = StreamProtocol(
        address="/",
        channels=(),
        always_subscribed=(),
        header=Header,
        discriminators=("kind",),
        messages={("number",): Number},
        welcome=None,
        errors=(),
    )
    codec = Codec(protocol)
    assert codec.decode(b'{"kind": "number", "value": 5}') == Number(kind="number", value=5)
    assert codec.decode(b'{"kind": "other"}') == Header(kind="other")
    with pytest.raises(MessageDecodeError, match="the message number cannot be decoded"):
        codec.decode(b'{"kind": "number"}')
