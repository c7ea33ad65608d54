"""Faults of messages, as a bare socket sees them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from jsonschema_rs import ValidationError
from tests.mockserver.fault_peers import (
    nothing_comes,
    publish,
    read_ending,
    read_json,
    read_raw_frame,
    read_vm,
    upgrade,
)
from tests.mockserver.raw_peer import PING, PONG
from tests.mockserver.spec_oracle import checked_frame

from eventshub_mockserver import HubServer, ManualClock


@pytest.mark.parametrize("end", ["reset", "drop"])
async def test_truncate_cuts_a_frame_and_ends_all(hub: HubServer, subscribe: Any, end: str) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("truncate", bytes=20, end=end)
    publish(hub)
    publish(hub)
    wire, is_reset = await read_ending(peer)
    assert len(wire) == 20
    assert int.from_bytes(wire[2:4], "big") > 20, "the frame has announced more"
    assert is_reset == (end == "reset")
    assert hub.connections == []


async def test_truncate_leaves_half_unless_told_how_much(hub: HubServer, subscribe: Any) -> None:
    whole, cut = await subscribe(hub, "pdfm"), await subscribe(hub, "pdfm", token="s3cret-other")
    hub.faults.add("truncate", credential="other")
    publish(hub)
    _, payload = await read_raw_frame(whole)
    wire, _ = await read_ending(cut)
    assert len(wire) == (len(payload) + 4) // 2


async def test_truncate_can_strike_the_welcome(hub: HubServer, dial: Any) -> None:
    hub.faults.add("truncate", step="welcome", bytes=3)
    peer = await dial(hub)
    assert (await upgrade(peer)).status == 101
    assert len((await read_ending(peer))[0]) == 3


async def test_fragment_splits_a_message(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("fragment", pieces=4)
    publish(hub, "vm-ä")
    frames = [await read_raw_frame(peer) for _ in range(4)]
    assert [first for first, _ in frames] == [0x01, 0x00, 0x00, 0x80]
    assert checked_frame(b"".join(payload for _, payload in frames))["body"]["vm_id"] == "vm-ä"


async def test_fragments_fall_between_bytes_and_not_characters(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("fragment", pieces=1000)
    publish(hub, "ä" * 500)
    first, payload = await read_raw_frame(peer)
    parts = [payload]
    while not first & 0x80:
        first, payload = await read_raw_frame(peer)
        parts.append(payload)
    assert any(part.endswith(b"\xc3") for part in parts)
    assert checked_frame(b"".join(parts))["body"]["vm_id"] == "ä" * 500


async def test_oversize_makes_a_message_as_long_as_told(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("oversize", bytes=100_000)
    publish(hub)
    _, payload = await peer.read_frame()
    assert len(payload) == 100_000
    assert checked_frame(payload)["body"]["vm_id"] == "vm-1"


async def test_invalid_utf8(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("invalid-utf8", times=1)
    publish(hub)
    opcode, payload = await peer.read_frame()
    assert opcode == 1
    with pytest.raises(UnicodeDecodeError):
        payload.decode()
    publish(hub)
    await peer.read_event()


async def test_invalid_json(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("invalid-json", times=1)
    publish(hub)
    _, payload = await peer.read_frame()
    with pytest.raises(json.JSONDecodeError):
        json.loads(payload.decode())
    publish(hub)
    await peer.read_event()


@pytest.mark.parametrize("part", ["body", "timestamp"])
@pytest.mark.parametrize("step", ["event", "welcome", "reply"])
async def test_wrong_schema(hub: HubServer, dial: Any, part: str, step: str) -> None:
    hub.faults.add("wrong-schema", part=part, step=step)
    peer = await dial(hub)
    await upgrade(peer)
    _, payload = await peer.read_frame()
    if step != "welcome":
        checked_frame(payload, is_welcome=True)
        if step == "event":
            publish(hub)
        else:
            peer.say({"type": "health", "message": "ping", "id": "p-1"})
        _, payload = await peer.read_frame()
    with pytest.raises(ValidationError):
        checked_frame(payload, is_welcome=step == "welcome")


async def test_unknown_message(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("unknown-message", name="VM_TELEPORTED", times=1)
    hub.faults.add("unknown-message", name="NEW", name_channel="attic", times=1)
    publish(hub)
    event = await read_json(peer)
    # Both have struck; the second overwrote the name.
    assert (event["event_type"], event["message"], event["body"]["vm_id"]) == ("attic", "NEW", "vm-1")
    publish(hub)
    assert await read_vm(peer) == "vm-1"


@pytest.mark.parametrize("seconds", [3600.0, -86400.0])
async def test_clock_skew(start_hub: Any, subscribe: Any, seconds: float) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("clock-skew", seconds=seconds)
    publish(hub)
    stamp = datetime.fromisoformat((await peer.read_event())["timestamp"])
    assert stamp.timestamp() == pytest.approx(clock.time() + seconds)


async def test_duplicate(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("duplicate", copies=2, times=1)
    publish(hub)
    publish(hub, "vm-2")
    first, second, third, other = [await peer.read_event() for _ in range(4)]
    assert first == second == third
    assert other["body"]["vm_id"] == "vm-2"


async def test_reorder_lets_others_pass(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("reorder", distance=2, seconds=3600, times=1)
    for number in range(4):
        publish(hub, f"vm-{number}")
    assert [await read_vm(peer) for _ in range(4)] == ["vm-1", "vm-2", "vm-0", "vm-3"]


async def test_reorder_swaps_pairs_when_it_strikes_always(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("reorder", seconds=3600)
    for number in range(4):
        publish(hub, f"vm-{number}")
    assert [await read_vm(peer) for _ in range(4)] == ["vm-1", "vm-0", "vm-3", "vm-2"]


async def test_reorder_waits_only_so_long(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("reorder", seconds=2, times=1)
    publish(hub)
    clock.advance(1.9)
    await nothing_comes(peer)
    clock.advance(0.2)
    assert await read_vm(peer) == "vm-1"


async def test_skip(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("skip", times=2)
    for number in range(3):
        publish(hub, f"vm-{number}")
    assert await read_vm(peer) == "vm-2"


async def test_stop_channel_stops_that_channel_alone(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm,health")
    with hub.faults.add("stop-channel", channel="pdfm"):
        publish(hub, "vm-1")
        hub.publish("health", "ping")
        assert (await peer.read_event())["event_type"] == "health"
        assert "pdfm" in hub.connections[0]["event_subscriptions"]
    publish(hub, "vm-2")
    assert await read_vm(peer) == "vm-2"


async def test_evict_queue_loses_what_waits_and_counts_it(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("evict-queue", message="VM_REMOVED")
    publish(hub, "vm-1")
    publish(hub, "vm-2")
    hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
    publish(hub, "vm-3")
    assert await read_vm(peer) == "vm-3"
    assert hub.connections[0]["evicted"] == 3


async def test_delay_of_an_event_keeps_the_order(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "pdfm,health")
    hub.faults.add("delay", seconds=5, channel="pdfm")
    publish(hub, "vm-1")
    hub.publish("health", "ping")
    clock.advance(3)
    publish(hub, "vm-2")
    peer.send(PING, b"alive")
    assert await peer.read_frame() == (PONG, b"alive")
    clock.advance(2)
    assert await read_vm(peer) == "vm-1"
    assert (await peer.read_event())["message"] == "ping"
    await nothing_comes(peer)
    clock.advance(3)
    assert await read_vm(peer) == "vm-2"


async def test_what_is_held_back_goes_on_when_the_fault_is_removed(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    with hub.faults.add("delay", seconds=3600):
        publish(hub, "vm-1")
        publish(hub, "vm-2")
    publish(hub, "vm-3")
    assert [await read_vm(peer) for _ in range(3)] == ["vm-1", "vm-2", "vm-3"]


async def test_what_is_held_back_of_a_channel_that_was_left_is_not_sent(
    hub: HubServer, subscribe: Any, rest: Any
) -> None:
    peer = await subscribe(hub, "pdfm,health")
    (entry,) = hub.connections
    with hub.faults.add("delay", seconds=3600, times=1):
        publish(hub)
        await rest.post("/v1/ws/unsubscribe", json={"client_id": entry["id"], "event_types": ["pdfm"]})
    hub.publish("health", "ping")
    assert (await peer.read_event())["event_type"] == "health"


async def test_what_is_held_back_is_bounded(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"queue_size": 10})
    await subscribe(hub, "pdfm")
    hub.faults.add("delay", seconds=3600)
    for _ in range(15):
        publish(hub)
    assert hub.connections[0]["evicted"] == 5


async def test_several_faults_strike_one_message(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("fragment", pieces=2)
    hub.faults.add("duplicate")
    hub.faults.add("oversize", bytes=5000)
    publish(hub)
    frames = [await read_raw_frame(peer) for _ in range(4)]
    assert [first for first, _ in frames] == [0x01, 0x80] * 2
    assert sum(len(payload) for _, payload in frames) == 10_000
