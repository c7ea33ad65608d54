"""Exhaustive matching: the type checkers see that nothing is left out, and say so when something is.

Checked by pyright and mypy with the rest of the tests: in a strict file, an ignore that ignores nothing
is an error of its own, so ``assert_never`` with a case missing must stay refused.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_never, get_args

import pytest
from tests.sdk import frames

import eventshub
from eventshub import (
    ChannelsRefused,
    Dropped,
    Event,
    Gap,
    GlobalEvent,
    HealthEvent,
    HubPing,
    InvalidEvent,
    MacVmsRunningNow,
    OrchestratorEvent,
    PdfmEvent,
    Pong,
    Reconnected,
    SystemEvent,
    UnknownEvent,
    VmAdded,
    VmRemoved,
    VmSnapshotsUpdated,
    VmStateChanged,
    VmUpdated,
    VmUptimeChanged,
)
from eventshub._core.codec import Codec
from eventshub._generated.protocol import PROTOCOL


def about(event: PdfmEvent) -> str:
    match event:
        case VmStateChanged() | VmAdded() | VmUpdated() | VmRemoved():
            return event.body.vm_id
        case VmUptimeChanged() | VmSnapshotsUpdated():
            return "changed"
        case MacVmsRunningNow():
            return "all"
        case _:
            assert_never(event)


def about_health(event: HealthEvent) -> str:
    match event:
        case HubPing():
            return "ping"
        case _:
            # Pong is missing.
            assert_never(event)  # type: ignore[arg-type]


def about_anything(item: Event | InvalidEvent | Gap) -> str:
    match item:
        case UnknownEvent():
            return "unknown"
        case InvalidEvent():
            return "invalid"
        case Reconnected() | Dropped() | ChannelsRefused():
            return "gap"
        case Pong():
            return "pong"
        case _:
            # What remains has a time or is an error.
            return f"{item.channel} {item.message}"


def about_too_little(item: Event | InvalidEvent | Gap) -> str:
    match item:
        case UnknownEvent() | InvalidEvent() | Reconnected() | Dropped():
            return "known"
        case _:
            # ChannelsRefused is missing, and is no event.
            return item.channel  # type: ignore[union-attr]


def test_matching_works_at_run_time() -> None:
    event = Codec(PROTOCOL).decode(frames.vm_state("vm-3"))
    assert isinstance(event, VmStateChanged)
    assert about(event) == "vm-3"
    assert about_anything(event) == "pdfm VM_STATE_CHANGED"
    assert about_anything(ChannelsRefused(channels=("x",), granted=())) == "gap"


def test_missing_case_is_an_error_at_run_time_too() -> None:
    pong = Codec(PROTOCOL).decode(frames.pong("x"))
    assert isinstance(pong, Pong)
    with pytest.raises(AssertionError, match="Expected code to be unreachable"):
        about_health(pong)


def test_union_of_all_events_is_the_unions_of_the_channels_and_what_is_unknown() -> None:
    channels = (GlobalEvent, PdfmEvent, SystemEvent, OrchestratorEvent, HealthEvent)
    members = {member for union in channels for member in get_args(union)}
    assert set(get_args(Event)) == {*members, UnknownEvent}
    assert {f"{name.title()}Event" for name in PROTOCOL.channels} <= set(eventshub.__all__)
