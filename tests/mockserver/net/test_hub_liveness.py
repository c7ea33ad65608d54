"""Protocol HB, EVT-7, END-1 on the wire: peers that fall silent, peers that fall behind, and the end."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import websockets
from tests.mockserver.core_harness import VM
from tests.mockserver.raw_peer import CLOSE, PING, PONG, RawPeer
from tests.mockserver.settings import READER, until

from eventshub_mockserver import HubServer

HEARTBEAT = {"ping_interval": 0.1, "pong_timeout": 0.3}
BIG = {**VM, "vm_id": "x" * 20_000}


async def test_a_stock_client_stays_past_the_deadline(start_hub: Any) -> None:
    hub = await start_hub(HEARTBEAT)
    headers = {"Authorization": f"Bearer {READER}"}
    url = f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm"
    async with websockets.connect(url, additional_headers=headers, ping_interval=None) as client:
        await client.recv()
        await asyncio.sleep(1.0)
        hub.publish("pdfm", "VM_STATE_CHANGED", VM)
        await client.recv()
        (entry,) = hub.connections
        assert entry["last_pong_at"] >= entry["last_ping_at"] or entry["last_pong_at"] is not None


async def test_a_half_open_peer_frees_its_slot_at_the_deadline(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub(HEARTBEAT)
    peer = await subscribe(hub)
    started = time.monotonic()
    await until(lambda: not hub.connections, 3.0)
    assert time.monotonic() - started > 0.2
    assert (await peer.read_close())[0] == 1011
    assert await peer.read_end() == b""
    (await subscribe(hub)).close()


async def test_pongs_keep_a_peer_that_says_nothing_else(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub(HEARTBEAT)
    peer = await subscribe(hub)
    for _ in range(8):
        opcode, payload = await peer.read_frame()
        assert opcode == PING
        peer.send(PONG, payload)
    assert len(hub.connections) == 1


async def test_a_stopped_reader_hurts_nobody_and_is_let_go(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub(
        {"queue_size": 20, "stall_timeout": 0.5, "write_buffer": 4096}, connections_per_address=None
    )
    stopped = await subscribe(hub, "pdfm", receive_buffer=4096)
    quick = await subscribe(hub, "pdfm,health")
    stopped.stop_reading()
    received = 0
    while not any(entry["evicted"] for entry in hub.connections):
        hub.publish("pdfm", "VM_STATE_CHANGED", BIG)
        await quick.read_event()
        received += 1
        assert received < 2000
    assert max(entry["queue_depth"] for entry in hub.connections) == 20
    await until(lambda: len(hub.connections) == 1, 3.0)
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert (await quick.read_event())["body"] == VM
    stopped.read_on()
    await stopped.read_end()


async def test_a_reader_that_catches_up_gets_the_rest_or_is_told(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"queue_size": 50, "write_buffer": 4096})
    slow = await subscribe(hub, "pdfm", receive_buffer=4096)
    slow.stop_reading()
    published = 0
    while not hub.connections[0]["evicted"]:
        hub.publish("pdfm", "VM_STATE_CHANGED", {**BIG, "previous_state": "running"})
        published += 1
        await asyncio.sleep(0)
    evicted = hub.connections[0]["evicted"]
    slow.read_on()
    hub.publish("global", "SHUTDOWN", {})
    events = [await slow.read_event()]
    while events[-1]["message"] != "SHUTDOWN":
        events.append(await slow.read_event())
    # One more had to go for the last event.
    assert len(events) - 1 == published - hub.connections[0]["evicted"]
    assert hub.connections[0]["evicted"] in (evicted, evicted + 1)
    assert hub.connections[0]["queue_depth"] == 0


async def test_a_peer_that_stays_stalled_is_told_1013_when_it_wakes_in_time(
    start_hub: Any, subscribe: Any
) -> None:
    hub = await start_hub({"stall_timeout": 0.2, "write_buffer": 4096, "close_timeout": 3})
    slow = await subscribe(hub, "pdfm", receive_buffer=4096)
    slow.stop_reading()
    while not hub.connections[0]["queue_depth"]:
        hub.publish("pdfm", "VM_STATE_CHANGED", BIG)
        await asyncio.sleep(0)
    await until(lambda: not hub.connections, 2.0)
    slow.read_on()
    code, _, _ = await slow.read_close()
    assert code == 1013


async def test_shutdown_is_told_what_waits_is_delivered_and_all_end_with_1001(
    start_hub: Any, subscribe: Any
) -> None:
    hub: HubServer = await start_hub({"drain_timeout": 3}, connections_per_address=None)
    peers: list[RawPeer] = [await subscribe(hub, "pdfm") for _ in range(5)]
    for _ in range(100):
        hub.publish("pdfm", "VM_STATE_CHANGED", VM)

    async def leave(peer: RawPeer) -> list[str]:
        code, _, events = await peer.read_close()
        assert code == 1001
        peer.send(CLOSE, b"\x03\xe9")
        assert await peer.read_end() == b""
        return [event["message"] for event in events]

    leaving = asyncio.gather(*(leave(peer) for peer in peers))
    await hub.stop()
    assert await leaving == [["VM_STATE_CHANGED"] * 100 + ["SHUTDOWN"]] * 5
    assert hub.connections == []


async def test_peers_that_do_not_answer_cannot_hold_a_shutdown_up(start_hub: Any, subscribe: Any) -> None:
    hub: HubServer = await start_hub({"write_buffer": 4096}, connections_per_address=None)
    silent = await subscribe(hub)
    stalled = await subscribe(hub, "pdfm", receive_buffer=4096)
    stalled.stop_reading()
    while not max(entry["queue_depth"] for entry in hub.connections):
        hub.publish("pdfm", "VM_STATE_CHANGED", BIG)
        await asyncio.sleep(0)
    started = time.monotonic()
    await hub.stop()
    assert time.monotonic() - started < 3
    assert (await silent.read_close())[0] == 1001
    stalled.read_on()
    await stalled.read_end()


async def test_start_and_stop_are_quick(start_hub: Any, subscribe: Any) -> None:
    hub: HubServer = await start_hub(connections_per_address=None)
    headers = {"Authorization": f"Bearer {READER}"}
    async with websockets.connect(f"{hub.ws_url}/v1/ws/subscribe", additional_headers=headers) as client:
        await client.recv()
        started = time.monotonic()
        await hub.stop()
        assert time.monotonic() - started < 0.25  # far below every timeout


async def test_the_port_can_be_used_again(start_hub: Any) -> None:
    hub: HubServer = await start_hub()
    port = hub.port
    await hub.stop()
    assert (await start_hub(port=port)).port == port
