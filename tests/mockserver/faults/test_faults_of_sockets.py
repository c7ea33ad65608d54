"""Faults of a whole connection, as a bare socket sees them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.mockserver.fault_peers import nothing_comes, publish, read_ending, read_raw_frame, read_vm, upgrade
from tests.mockserver.raw_peer import CLOSE, PING, PONG, TEXT
from tests.mockserver.settings import until

from eventshub_mockserver import HubServer, ManualClock


@pytest.mark.parametrize("code", [1000, 1008, 1012, 1015, 0, 999, 4999, 65535])
async def test_close_with_any_code(hub: HubServer, subscribe: Any, code: int) -> None:
    peer = await subscribe(hub)
    hub.faults.add("close", code=code, reason="because")
    assert await peer.read_frame() == (CLOSE, code.to_bytes(2, "big") + b"because")
    peer.send(CLOSE, (1000).to_bytes(2, "big"))
    assert await read_ending(peer) == (b"", False)


async def test_close_without_a_code(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub)
    hub.faults.add("close", code=1005)
    assert await peer.read_frame() == (CLOSE, b"")


async def test_close_without_a_close_frame(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub)
    hub.faults.add("close", code=1006)
    assert await read_ending(peer) == (b"", False)
    assert hub.connections == []


async def test_close_in_place_of_a_message(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("close", step="event", channel="pdfm", message="VM_REMOVED", code=1011)
    publish(hub)
    hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
    publish(hub, "vm-2")
    code, _, events = await peer.read_close()
    assert code == 1011
    assert [event["body"]["vm_id"] for event in events] == ["vm-1"]


async def test_close_in_place_of_the_welcome_and_a_reply(hub: HubServer, subscribe: Any, dial: Any) -> None:
    peer = await subscribe(hub, "health")
    hub.faults.add("close", step="reply", code=1002)
    peer.say({"type": "health", "message": "ping", "id": "p-1"})
    assert (await peer.read_close())[::2] == (1002, [])
    hub.faults.add("close", step="welcome", code=1013)
    late = await dial(hub)
    assert (await upgrade(late)).status == 101
    assert (await late.read_close())[::2] == (1013, [])


async def test_close_strikes_new_connections_after_their_welcome(hub: HubServer, subscribe: Any) -> None:
    hub.faults.add("close", code=1012, times=1)
    assert (await (await subscribe(hub)).read_close())[::2] == (1012, [])
    peer = await subscribe(hub, "pdfm")
    publish(hub)
    assert await read_vm(peer) == "vm-1"


async def test_close_after_a_while(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock, connections_per_address=None)
    hub.faults.add("close", after=5)
    early, late = await subscribe(hub, "pdfm"), None
    clock.advance(3)
    late = await subscribe(hub, "pdfm")
    clock.advance(2)
    assert (await early.read_close())[0] == 1011
    publish(hub)
    assert await read_vm(late) == "vm-1"
    hub.faults.clear()
    clock.advance(10)
    publish(hub, "vm-2")
    assert await read_vm(late) == "vm-2", "a fault that was removed strikes no more"


@pytest.mark.parametrize("step", ["open", "event"])
async def test_reset(hub: HubServer, subscribe: Any, step: str) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("reset", step=step)
    publish(hub)
    _, is_reset = await read_ending(peer)
    assert is_reset
    await until(lambda: hub.connections == [])


async def test_a_reset_frees_the_address_at_once(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub()
    peer = await subscribe(hub)
    hub.faults.add("reset", times=1)
    await read_ending(peer)
    await subscribe(hub)


async def test_half_open_reads_and_writes_nothing_and_stays(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock, connections_per_address=None)
    peer, other = await subscribe(hub, "pdfm"), await subscribe(hub, "pdfm")
    with hub.faults.add("half-open", connection=hub.connections[0]["id"]):
        publish(hub)
        assert await read_vm(other) == "vm-1"
        peer.send(PING, b"alive?")
        other.send(PING, b"alive?")
        assert await other.read_frame() == (PONG, b"alive?")
        await nothing_comes(peer)
        assert len(hub.connections) == 2
    assert await read_vm(peer) == "vm-1"
    assert await peer.read_frame() == (PONG, b"alive?")


async def test_half_open_lasts_so_long_and_the_slot_is_free_at_the_deadline(
    start_hub: Any, subscribe: Any
) -> None:
    clock = ManualClock()
    hub = await start_hub({"ping_interval": 30, "pong_timeout": 45}, clock=clock)
    peer = await subscribe(hub)
    hub.faults.add("half-open", seconds=100, times=1)
    clock.advance(50)
    await until(lambda: hub.connections == [])
    await nothing_comes(peer)
    await subscribe(hub)
    clock.advance(50)
    assert (await peer.read_close())[0] == 1011
    await peer.read_end()


async def test_stall_reading_leaves_commands_unread(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub, "pdfm,health")
    with hub.faults.add("stall-reading"):
        peer.say({"type": "health", "message": "ping", "id": "p-1"})
        publish(hub)
        assert await read_vm(peer) == "vm-1"
        await nothing_comes(peer)
    assert (await peer.read_event())["ref_id"] == "p-1"


async def test_stall_reading_lets_what_is_sent_pile_up(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub)
    hub.faults.add("stall-reading")
    # More than all buffers between here and there hold: the write cannot end.
    for _ in range(400):
        peer.send(PING, b"x" * 125)
        peer.send(TEXT, b"x" * 60_000)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(peer.writer.drain(), 0.1)


async def test_bandwidth_writes_piecemeal(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "pdfm")
    with hub.faults.add("bandwidth", rate=100):
        publish(hub)
        first = await peer.reader.readexactly(10)
        await nothing_comes(peer)
        clock.advance(0.5)
        second = await peer.reader.readexactly(50)
        await nothing_comes(peer)
    size = int.from_bytes((first + second)[2:4], "big")
    await peer.reader.readexactly(size + 4 - 60)
    publish(hub, "vm-2")
    assert await read_vm(peer) == "vm-2"


async def test_bandwidth_limits_what_comes_after_as_well(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("bandwidth", rate=1000)
    for number in range(3):
        publish(hub, f"vm-{number}")
    async with asyncio.timeout(5):
        frames: list[bytes] = []
        while len(frames) < 3:
            reading = asyncio.ensure_future(read_raw_frame(peer))
            while not reading.done():
                clock.advance(0.1)
                await asyncio.sleep(0)
            frames.append(reading.result()[1])
    assert clock.monotonic() > sum(map(len, frames)) / 1000 - 0.2


async def test_drop_pong(hub: HubServer, subscribe: Any) -> None:
    peer = await subscribe(hub)
    hub.faults.add("drop-pong", times=2)
    for payload in (b"one", b"two", b"three"):
        peer.send(PING, payload)
    assert await peer.read_frame() == (PONG, b"three")


async def test_delay_of_a_pong(start_hub: Any, subscribe: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    peer = await subscribe(hub, "pdfm")
    hub.faults.add("delay", step="pong", seconds=10)
    peer.send(PING, b"alive?")
    await nothing_comes(peer)
    publish(hub)
    assert await read_vm(peer) == "vm-1"
    clock.advance(10)
    assert await peer.read_frame() == (PONG, b"alive?")


async def test_a_reset_of_the_hub_ends_what_lasts(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub()
    peer = await subscribe(hub)
    hub.faults.add("half-open")
    await hub.reset()
    assert hub.faults.active() == []
    assert (await peer.read_close())[0] == 1001
    await subscribe(hub)
