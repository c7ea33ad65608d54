"""Repeats are known by their ID, within bounds."""

from __future__ import annotations

from tests.sdk import frames

from eventshub import MessageDecodeError
from eventshub._core.codec import Codec
from eventshub._core.duplicates import RecentIds
from eventshub._core.invalid import InvalidEvent
from eventshub._core.message import Message
from eventshub._generated.protocol import PROTOCOL

decode = Codec(PROTOCOL).decode


def event(event_id: object, message: str = "VM_REMOVED") -> Message:
    return decode(frames.event("pdfm", message, {"vm_id": "vm-1"}, id=event_id))


def test_second_with_an_id_is_a_repeat() -> None:
    recent = RecentIds()
    assert [recent.is_repeat(event(event_id)) for event_id in "abab"] == [False, False, True, True]


def test_unknown_messages_have_ids_too() -> None:
    recent = RecentIds()
    assert not recent.is_repeat(event("a", "NOT_YET"))
    assert recent.is_repeat(event("a", "NOT_YET"))


def test_without_an_id_nothing_is_a_repeat() -> None:
    recent = RecentIds()
    invalid = InvalidEvent(MessageDecodeError(reason="bad", path="$", raw=b"{"))
    pong = decode(frames.pong("x"))
    nameless = decode(b'{"event_type": "pdfm", "message": "NOT_YET", "id": 5}')
    for item in (invalid, pong, nameless):
        assert not recent.is_repeat(item)
        assert not recent.is_repeat(item)


def test_oldest_are_forgotten() -> None:
    recent = RecentIds(limit=2)
    for event_id in "abc":
        assert not recent.is_repeat(event(event_id))
    assert recent.is_repeat(event("c"))
    assert recent.is_repeat(event("b"))
    assert not recent.is_repeat(event("a"))
