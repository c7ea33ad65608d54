"""Protocol EVT-1 to EVT-7: who gets which event, and in which form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.mockserver.core_harness import HOST, VM, CoreHub
from tests.mockserver.spec_oracle import bundle

from eventshub_mockserver import (
    InvalidEventError,
    ManualClock,
    UnknownClientError,
    UnknownEventError,
    messages,
    models,
)
from eventshub_mockserver.core.limits import Limits

EXAMPLES = [
    pytest.param(message, example, id=f"{message['name']}-{number}")
    for message in bundle()["messages"]
    if message["direction"] == "hub-to-client" and message["role"] != "welcome"
    for number, example in enumerate(message["examples"])
    if "ref_id" not in example
]


def test_a_broadcast_reaches_its_channel_and_no_other() -> None:
    core = CoreHub()
    vms, hosts, both = core.connect("pdfm"), core.connect("orchestrator"), core.connect("pdfm,orchestrator")
    published = core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert published.recipients == 2
    (event,) = vms.reads()
    assert event["body"] == VM
    assert event["id"] == published.id
    assert "client_id" not in event
    assert both.reads() == [event]
    assert hosts.reads() == []


def test_global_reaches_all() -> None:
    core = CoreHub()
    peers = [core.connect("pdfm"), core.connect()]
    assert core.hub.publish("global", "SHUTDOWN", {}).recipients == 2
    assert [len(peer.reads()) for peer in peers] == [1, 1]


def test_a_targeted_event_reaches_one_whatever_it_is_subscribed_to() -> None:
    core = CoreHub()
    one, other = core.connect(), core.connect("pdfm")
    assert core.hub.publish("pdfm", "VM_STATE_CHANGED", VM, client_id=one.id).recipients == 1
    (event,) = one.reads()
    assert event["client_id"] == one.id
    assert other.reads() == []


def test_a_target_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UnknownClientError, match="nobody"):
        CoreHub().hub.publish("pdfm", "VM_STATE_CHANGED", VM, client_id="nobody")


@pytest.mark.parametrize(("message", "example"), EXAMPLES)
def test_every_example_of_the_spec_can_be_published(message: dict[str, Any], example: dict[str, Any]) -> None:
    core = CoreHub()
    peer = core.connect("pdfm,system,orchestrator,health")
    body = [example["body"]] if "body" in example else []
    refusal = ""
    try:
        core.hub.publish(example["event_type"], example["message"], *body)
    except InvalidEventError as error:
        refusal = str(error)
    if refusal:
        # An enum that may grow: receivers accept what it does not list, this hub sends it only when told to.
        assert "is not one of" in refusal
        core.hub.publish(example["event_type"], example["message"], *body, unchecked=True)
    (event,) = peer.reads()
    assert event.get("body") == example.get("body")
    assert re.fullmatch(r"[0-9a-f]{64}", event["id"])


def test_typed_events_are_published() -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    core.hub.publish_message(messages.VmStateChanged(body=models.VmStateChangedBody(**VM)))  # type: ignore[arg-type] # the point: plain strings are checked
    starts_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    core.hub.publish_message(
        messages.MaintenanceScheduled(body=models.MaintenanceScheduledBody(starts_at=starts_at, text="disks"))
    )
    changed, maintenance = peer.reads()
    assert changed["body"] == VM
    assert maintenance["body"] == {"starts_at": "2026-01-02T03:04:05Z", "text": "disks"}


@pytest.mark.parametrize(
    ("channel", "message", "body", "says"),
    [
        ("nope", "VM_ADDED", {}, "no channel 'nope'"),
        ("pdfm", "NOPE", {}, "VM_STATE_CHANGED"),
        ("pdfm", "VM_STATE_CHANGED", {**VM, "current_state": "exploded"}, "body.current_state"),
        ("pdfm", "VM_STATE_CHANGED", {"vm_id": "x"}, "previous_state"),
        ("pdfm", "VM_STATE_CHANGED", None, "body"),
        ("orchestrator", "HOST_HEALTH_UPDATE", {**HOST, "host_id": ""}, "body.host_id"),
        ("pdfm", "VM_SNAPSHOTS_UPDATED", {"vm_id": "x", "snapshots": [{"name": 1}]}, "body.snapshots[0]"),
        ("health", "pong", None, "ref_id"),
    ],
)
def test_what_the_spec_does_not_allow_is_refused(channel: str, message: str, body: Any, says: str) -> None:
    core = CoreHub()
    peer = core.connect("pdfm,orchestrator,health")
    with pytest.raises(InvalidEventError) as caught:
        core.hub.publish(channel, message, body)
    assert says in str(caught.value)
    assert peer.reads() == []


def test_the_hubs_own_attributes_are_not_to_be_set() -> None:
    message = messages.Shutdown(id="mine", body=models.ShutdownBody())
    with pytest.raises(InvalidEventError, match="id"):
        CoreHub().hub.publish_message(message)


def test_a_command_is_no_event() -> None:
    with pytest.raises(UnknownEventError, match="Ping"):
        CoreHub().hub.publish_message(messages.Ping())


def test_unchecked_sends_what_the_spec_does_not_have_to_everybody() -> None:
    core = CoreHub()
    peer = core.connect("pdfm")
    published = core.hub.publish("nope", "NEW_THING", {"a": 1}, unchecked=True)
    assert published.recipients == 1
    assert b'"NEW_THING"' in peer.connection.outbox.take(1000)


def test_unchecked_still_has_to_be_json() -> None:
    with pytest.raises(InvalidEventError, match="JSON"):
        CoreHub().hub.publish("pdfm", "VM_ADDED", object(), unchecked=True)


class AdjustedClock(ManualClock):
    """A clock that somebody sets."""

    adjustment = 0.0

    def time(self) -> float:
        return super().time() + self.adjustment


def test_ids_are_unique_and_timestamps_never_decrease() -> None:
    clock = AdjustedClock()
    core = CoreHub(clock=clock)
    peer = core.connect("pdfm")
    for seconds in (0.0, 1.5, 0.0):
        clock.advance(seconds)
        core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    clock.adjustment = -3600
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    events = peer.reads()
    assert len({event["id"] for event in events}) == 4
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)
    assert times[-1] == times[-2]


def test_events_and_replies_keep_their_order() -> None:
    core = CoreHub()
    peer = core.connect("pdfm,health")
    for number in range(3):
        core.hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": f"vm-{number}"})
        core.hub.receive(peer.connection, f'{{"type": "health", "message": "ping", "id": "{number}"}}')
    told = [event.get("ref_id") or event["body"]["vm_id"] for event in peer.reads()]
    assert told == ["vm-0", "0", "vm-1", "1", "vm-2", "2"]


def test_all_recipients_share_one_frame() -> None:
    core = CoreHub()
    peers = [core.connect("pdfm") for _ in range(3)]
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    first, *others = [peer.connection.outbox.take(1000) for peer in peers]
    assert all(other is first for other in others)


def test_a_slow_consumer_loses_its_oldest_and_hurts_nobody() -> None:
    core = CoreHub(Limits(queue_size=10))
    slow, quick = core.connect("pdfm"), core.connect("pdfm")
    seen: list[dict[str, Any]] = []
    for number in range(25):
        core.hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": f"vm-{number}"})
        seen += quick.reads()
    assert len(seen) == 25
    assert slow.connection.outbox.evicted == 15
    assert [event["body"]["vm_id"] for event in slow.reads()] == [f"vm-{n}" for n in range(15, 25)]


def test_the_network_layer_is_woken_once_for_all_that_waits() -> None:
    core = CoreHub()
    peers = [core.connect("pdfm") for _ in range(3)]
    core.hub.take_pending()
    woken = core.wakes
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert core.wakes == woken + 1
    assert core.hub.take_pending() == [peer.connection for peer in peers]
    assert core.hub.take_pending() == []
    core.hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert core.wakes == woken + 2
