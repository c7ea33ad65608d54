"""What every message tells of itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from tests.sdk import frames

from eventshub import UnknownEvent, VmAdded, VmStateChanged
from eventshub._core.codec import Codec
from eventshub._core.message import Message
from eventshub._generated.protocol import PROTOCOL

decode = Codec(PROTOCOL).decode
VM = {"ID": "vm-1", "Name": "box", "Home path": "/vms/box"}


def stamped(timestamp: str, message: str = "VM_REMOVED") -> Message:
    return decode(frames.event("pdfm", message, {"vm_id": "vm-1"}, timestamp=timestamp))


@pytest.mark.parametrize("message", ["VM_REMOVED", "NOT_YET_KNOWN"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-12-05T10:15:30Z", 1_764_929_730_000_000_000),
        ("2025-12-05T10:15:30.123456789Z", 1_764_929_730_123_456_789),
        ("2025-12-05T10:15:30.1Z", 1_764_929_730_100_000_000),
        ("2025-12-05T12:15:30.000000001+02:00", 1_764_929_730_000_000_001),
        ("2025-12-05T10:15:30.9999999999Z", 1_764_929_730_999_999_999),
    ],
)
def test_nanoseconds_are_those_the_hub_wrote(message: str, written: str, expected: int) -> None:
    assert stamped(written, message).timestamp_ns == expected


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), st.integers(-720, 720), st.integers(0, 999))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_nanoseconds_are_the_timestamp_and_more(moment: datetime, offset: int, beyond: int) -> None:
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    written = moment.isoformat(timespec="microseconds")
    event = stamped(f"{written[:26]}{beyond:03}{written[26:]}")
    whole = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert event.timestamp_ns == whole * 1000 + beyond


def test_without_a_timestamp_there_are_no_nanoseconds() -> None:
    assert decode(frames.pong("x")).timestamp_ns is None
    assert decode(b'{"event_type": "pdfm", "message": "NEW", "timestamp": "soon"}').timestamp_ns is None
    assert decode(b'{"event_type": "pdfm", "message": "NEW", "timestamp": 5}').timestamp_ns is None


def test_built_in_code_it_has_the_microseconds() -> None:
    event = stamped("2025-12-05T10:15:30.123456Z")
    assert isinstance(event, Message)
    assert type(event)(**{name: getattr(event, name) for name in event.__struct_fields__}).timestamp_ns == (
        1_764_929_730_123_456_000
    )


@pytest.mark.parametrize("message", ["VM_REMOVED", "NOT_YET_KNOWN"])
def test_targeted_is_what_names_a_connection(message: str) -> None:
    to_all = frames.event("pdfm", message, {"vm_id": "vm-1"})
    to_one = frames.event("pdfm", message, {"vm_id": "vm-1"}, client_id="c-1")
    assert not decode(to_all).is_targeted
    assert decode(to_one).is_targeted


def test_reply_is_targeted() -> None:
    assert decode(frames.pong("x")).is_targeted


class TestRepr:
    def test_shows_what_is_there_as_it_is_written(self) -> None:
        assert repr(decode(frames.vm_state("vm-7"))) == (
            "VmStateChanged(id='evt-1', timestamp=2025-12-05T10:15:30Z, body=VmStateChangedBody("
            "vm_id='vm-7', previous_state='stopped', current_state='running'))"
        )

    def test_of_what_is_unknown_names_it(self) -> None:
        shown = repr(decode(frames.event("pdfm", "NEW")))
        assert shown == (
            "UnknownEvent(channel='pdfm', message='NEW', id='evt-1', timestamp=2025-12-05T10:15:30Z)"
        )

    def test_shows_states_and_keys_that_nobody_listed(self) -> None:
        assert "current_state='molten'" in repr(decode(frames.vm_state(current="molten")))
        added = decode(frames.event("pdfm", "VM_ADDED", {"vm_id": "vm-1", "new_vm": VM}))
        assert isinstance(added, VmAdded)
        assert "new_vm={'ID': 'vm-1', 'Name': 'box', 'Home path': '/vms/box'}" in repr(added)


def test_equality_is_of_what_is_told() -> None:
    one, same, other = (decode(frames.vm_state(vm_id)) for vm_id in ("vm-1", "vm-1", "vm-2"))
    assert isinstance(one, VmStateChanged)
    assert one == same != other
    assert hash(one) == hash(same)


class TestUnknownEvent:
    def decoded(self, **properties: object) -> UnknownEvent:
        frame = {"event_type": "pdfm", "message": "VM_ENCHANTED", **properties}
        event = Codec(PROTOCOL).decode(json.dumps(frame).encode())
        assert type(event) is UnknownEvent
        return event

    def test_it_has_what_all_events_have(self) -> None:
        event = self.decoded(id="e-1", timestamp="2026-01-02T03:04:05Z", body={"vm": [1]})
        assert (event.id, event.body) == ("e-1", {"vm": [1]})
        assert event.timestamp == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert repr(event) == (
            "UnknownEvent(channel='pdfm', message='VM_ENCHANTED', id='e-1', "
            "timestamp=2026-01-02T03:04:05Z, body={'vm': [1]})"
        )

    def test_what_is_absent_or_no_such_thing_is_unset(self) -> None:
        assert self.decoded().body is UNSET
        for timestamp in (7, "noon", "2026-01-02T03:04:05", None):
            event = self.decoded(id=7, timestamp=timestamp)
            assert (event.id, event.timestamp) == (UNSET, UNSET)

    def test_one_made_in_code_has_nothing_of_it(self) -> None:
        made = UnknownEvent(channel="pdfm", message="VM_ENCHANTED")
        assert (made.id, made.timestamp, made.body) == (UNSET, UNSET, UNSET)
        assert repr(made) == "UnknownEvent(channel='pdfm', message='VM_ENCHANTED')"
