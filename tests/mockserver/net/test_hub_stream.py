"""Protocol EVT, CMD, UNSUB on the wire, and frames that no library would send."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import websockets
from tests.mockserver.core_harness import VM
from tests.mockserver.raw_peer import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawPeer
from tests.mockserver.settings import READER
from tests.mockserver.spec_oracle import checked_answer

from eventshub_mockserver import HubServer, VirtualClock

ASK = {"type": "health", "message": "ping", "id": "p-1"}


async def test_events_commands_and_a_rest_unsubscribe(
    hub: HubServer, rest: httpx.AsyncClient, subscribe: Any
) -> None:
    peer = await subscribe(hub, "pdfm,health")
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert (await peer.read_event())["body"] == VM
    peer.say(ASK)
    assert (await peer.read_event())["ref_id"] == "p-1"
    (entry,) = hub.connections
    wanted = {"client_id": entry["id"], "event_types": ["pdfm", "global"]}
    response = await rest.post("/v1/ws/unsubscribe", json=wanted)
    result = checked_answer("unsubscribe", response.status_code, response.headers, response.content)
    assert result["unsubscribed"] == ["pdfm"]
    assert [refusal["event_type"] for refusal in result["refused"]] == ["global"]
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    hub.publish("global", "SHUTDOWN", {})
    assert (await peer.read_event())["message"] == "SHUTDOWN"


async def test_an_ordinary_client_gets_everything_in_order(hub: HubServer) -> None:
    headers = {"Authorization": f"Bearer {READER}"}
    url = f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm"
    async with websockets.connect(url, additional_headers=headers) as client:
        await client.recv()
        for number in range(500):
            hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": f"vm-{number}"})
            if number % 50 == 0:
                await asyncio.sleep(0)
        received = [str(await client.recv()) for _ in range(500)]
    assert all(f'"vm-{number}"' in text for number, text in enumerate(received))


async def test_events_wait_for_others_from_the_first_on_and_no_longer_than_said(
    start_hub: Any, subscribe: Any
) -> None:
    hub: HubServer = await start_hub(clock=(clock := VirtualClock()), flush_interval=1.0)
    peer: RawPeer = await subscribe(hub, "pdfm")
    await clock.advance_async(1.7)
    hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": "first"})
    reading = asyncio.create_task(peer.read_event())
    await clock.advance_async(0.9)
    hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": "second"})
    await asyncio.sleep(0.05)  # in which it would come if it had been written
    assert not reading.done()
    await clock.advance_async(0.1)
    assert [(await reading)["body"]["vm_id"], (await peer.read_event())["body"]["vm_id"]] == [
        "first",
        "second",
    ]


async def test_fragments_with_control_frames_in_between_are_one_command(
    hub: HubServer, subscribe: Any
) -> None:
    peer: RawPeer = await subscribe(hub, "health")
    peer.send(TEXT, b'{"type": "health", ', first=0)
    peer.send(PING, b"between")
    peer.send(CONTINUATION, b"", first=0)
    peer.send(PONG, b"unasked")
    peer.send(CONTINUATION, b'"message": "ping", "id": "p-2"}')
    assert await peer.read_frame() == (PONG, b"between")
    assert (await peer.read_event())["ref_id"] == "p-2"


@pytest.mark.parametrize("payload", [b"", b"nonsense", b"[]", b'{"type": "nope", "message": "x"}'])
async def test_nonsense_gets_an_error_and_the_connection_goes_on(
    hub: HubServer, subscribe: Any, payload: bytes
) -> None:
    peer: RawPeer = await subscribe(hub, "health")
    other: RawPeer = await subscribe(hub, "health")
    peer.send(TEXT, payload)
    assert (await peer.read_event())["message"] == "error"
    peer.send(BINARY, payload)
    assert "binary" in (await peer.read_event())["body"]["error"]
    for either in (peer, other):
        either.say(ASK)
        assert (await either.read_event())["message"] == "pong"


@pytest.mark.parametrize(
    ("opcode", "payload", "first", "code"),
    [
        (TEXT, b"\xff\xfe", 0x80, 1007),
        (TEXT, b"x", 0xC0, 1002),
        (0x3, b"", 0x80, 1002),
        (0xB, b"", 0x80, 1002),
        (PING, b"x" * 126, 0x80, 1002),
        (PING, b"x", 0, 1002),
        (CONTINUATION, b"x", 0x80, 1002),
        (CLOSE, b"x", 0x80, 1002),
        *(
            (CLOSE, sent.to_bytes(2, "big"), 0x80, 1002)
            for sent in (999, 1005, 1006, 1015, 2999, 5000, 65_535)
        ),
    ],
)
async def test_broken_frames_end_their_connection_and_no_other(
    hub: HubServer, subscribe: Any, opcode: int, payload: bytes, first: int, code: int
) -> None:
    peer: RawPeer = await subscribe(hub, "health")
    other: RawPeer = await subscribe(hub, "health")
    peer.send(opcode, payload, first=first)
    assert (await peer.read_close())[0] == code
    assert await peer.read_end() == b""
    other.say(ASK)
    assert (await other.read_event())["message"] == "pong"


async def test_a_message_as_long_as_allowed_is_heard(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"message_size": 1000})
    peer = await subscribe(hub)
    peer.send(TEXT, b"x" * 1000)
    assert "not JSON" in (await peer.read_event())["body"]["error"]


@pytest.mark.parametrize("claimed", [1001, 70_000, 1 << 40, (1 << 63) + 5])
async def test_a_longer_one_is_1009_before_it_has_come(start_hub: Any, subscribe: Any, claimed: int) -> None:
    hub = await start_hub({"message_size": 1000})
    peer = await subscribe(hub)
    peer.send(TEXT, b"x" * 10, size=claimed)
    assert (await peer.read_close())[0] == 1009


async def test_fragments_add_up(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"message_size": 1000})
    peer = await subscribe(hub)
    peer.send(TEXT, b"x" * 600, first=0)
    peer.send(CONTINUATION, b"x" * 600)
    assert (await peer.read_close())[0] == 1009


@pytest.mark.parametrize("size", [100_000, 5_000_000])
async def test_a_client_in_the_middle_of_sending_too_much_still_learns_why(
    start_hub: Any, subscribe: Any, size: int
) -> None:
    peer: RawPeer = await subscribe(await start_hub({"close_timeout": 10}))
    for _ in range(3):
        peer.send(TEXT, b"x" * size)
        await peer.writer.drain()
    assert (await peer.read_close())[0] == 1009


async def test_a_flood_is_told_and_closed_1008(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"command_rate": 1, "command_burst": 10})
    peer = await subscribe(hub, "health")
    for _ in range(200):
        peer.say(ASK)
    code, _, events = await peer.read_close()
    assert code == 1008
    assert [event["message"] for event in events] == ["pong"] * 10 + ["error"]
    peer.send(CLOSE, b"\x03\xf0")
    assert await peer.read_end() == b""


async def test_a_close_frame_is_answered_with_its_code(hub: HubServer, subscribe: Any) -> None:
    peer: RawPeer = await subscribe(hub)
    peer.send(CLOSE, b"\x0f\xa0bye")
    assert (await peer.read_close())[0] == 4000
    assert await peer.read_end() == b""


async def test_a_close_frame_without_a_code_is_answered(hub: HubServer, subscribe: Any) -> None:
    peer: RawPeer = await subscribe(hub)
    peer.send(CLOSE)
    assert (await peer.read_close())[0] == 1000
