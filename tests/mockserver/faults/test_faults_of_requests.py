"""Faults before a connection is open, as a bare socket sees them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from tests.mockserver.fault_peers import nothing_comes, publish, read_vm, upgrade
from tests.mockserver.raw_peer import PING, RawPeer
from tests.mockserver.settings import OTHER, READER
from tests.mockserver.spec_oracle import checked_error

from eventshub_mockserver import HubServer, ManualClock


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503, 418, 599])
async def test_refuse_with_any_status(hub: HubServer, dial: Any, status: int) -> None:
    hub.faults.add("refuse", status=status, times=1)
    answer = await upgrade(await dial(hub))
    assert answer.status == status
    assert checked_error(status, answer.headers, answer.body)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert hub.connections == []
    assert (await upgrade(await dial(hub))).status == 101


@pytest.mark.parametrize("status", [200, 302])
async def test_refuse_with_what_is_no_error(hub: HubServer, dial: Any, status: int) -> None:
    hub.faults.add("refuse", status=status, body="empty")
    answer = await upgrade(await dial(hub))
    assert (answer.status, answer.body) == (status, b"")


async def test_refuse_with_retry_after_and_a_text(hub: HubServer, dial: Any) -> None:
    hub.faults.add("refuse", retry_after=7, text="come back later")
    answer = await upgrade(await dial(hub))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
    assert json.loads(answer.body) == {"code": 503, "message": "come back later"}


async def test_refuse_with_a_page(hub: HubServer, dial: Any) -> None:
    hub.faults.add("refuse", status=502, body="html")
    answer = await upgrade(await dial(hub))
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"<h1>502 Bad Gateway</h1>" in answer.body


async def test_refuse_leaves_the_address_free_and_rest_alone(
    start_hub: Any, dial: Any, subscribe: Any
) -> None:
    hub = await start_hub()
    hub.faults.add("refuse", times=1)
    assert (await upgrade(await dial(hub))).status == 503
    await subscribe(hub)


async def test_refuse_rest(hub: HubServer, rest: httpx.AsyncClient, subscribe: Any) -> None:
    hub.faults.add("refuse", step="rest", status=429, retry_after=1, times=2)
    assert (await rest.get("/v1/ws/clients")).status_code == 429
    assert (await rest.post("/v1/ws/unsubscribe", json={})).headers["Retry-After"] == "1"
    assert (await rest.get("/v1/ws/clients")).status_code == 200
    await subscribe(hub)


async def test_refuse_leaves_the_control_surface_alone(hub: HubServer, rest: httpx.AsyncClient) -> None:
    hub.faults.add("refuse", step="rest")
    answer = await rest.get("/control/connections", headers={"Authorization": "Bearer s3cret-control"})
    assert answer.status_code == 200


async def test_delay_of_a_handshake(start_hub: Any, dial: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    hub.faults.add("delay", step="handshake", seconds=30, times=1)
    peer = await dial(hub)
    asked = asyncio.ensure_future(upgrade(peer))
    await asyncio.wait([asked], timeout=0.05)
    assert not asked.done()
    clock.advance(30)
    assert (await asked).status == 101


async def test_delay_of_a_rest_answer(start_hub: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    hub.faults.add("delay", step="rest", seconds=30)
    async with httpx.AsyncClient(base_url=hub.url) as client:
        asked = asyncio.ensure_future(client.get("/healthz"))
        await asyncio.wait([asked], timeout=0.05)
        assert not asked.done()
        clock.advance(30)
        assert (await asked).status_code == 200


async def test_delay_of_the_welcome_keeps_it_the_first_frame(start_hub: Any, dial: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    hub.faults.add("delay", step="welcome", seconds=10)
    peer = await dial(hub)
    assert (await upgrade(peer)).status == 101
    publish(hub)
    await nothing_comes(peer)
    clock.advance(10)
    _, welcome = await peer.read_frame()
    assert "client_id" in json.loads(welcome)["body"]
    assert await read_vm(peer) == "vm-1"


async def test_silence_accepts_and_says_nothing(hub: HubServer, dial: Any) -> None:
    with hub.faults.add("silence", times=1):
        peer = await dial(hub)
        assert (await upgrade(peer)).status == 101
        publish(hub)
        peer.send(PING, b"alive?")
        await nothing_comes(peer)
    assert await read_vm(peer) == "vm-1"


async def test_silence_lasts_so_long(start_hub: Any, dial: Any) -> None:
    clock = ManualClock()
    hub = await start_hub(clock=clock)
    hub.faults.add("silence", seconds=10)
    peer = await dial(hub)
    await upgrade(peer)
    publish(hub)
    clock.advance(9)
    await nothing_comes(peer)
    clock.advance(1)
    assert await read_vm(peer) == "vm-1"


async def test_a_peer_that_waits_in_vain_and_leaves_is_forgotten(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub()
    hub.faults.add("silence", times=1)
    peer = await RawPeer.dial(hub.url)
    await upgrade(peer)
    await peer.end()
    async with asyncio.timeout(5):
        while hub.connections:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
    await subscribe(hub)


async def test_a_credential_alone_is_refused(hub: HubServer, dial: Any) -> None:
    hub.faults.add("refuse", status=429, credential="reader")
    assert (await upgrade(await dial(hub), token=OTHER)).status == 101
    assert (await upgrade(await dial(hub), token=READER)).status == 429
    assert (await upgrade(await dial(hub), token="wrong")).status == 401
