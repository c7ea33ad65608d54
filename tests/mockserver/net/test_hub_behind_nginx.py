"""Protocol IP-4 through a real nginx, configured as docs/operating.md says."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.mockserver.core_harness import VM
from tests.mockserver.nginx import Nginx, needs_nginx, nginx_before
from tests.mockserver.settings import OTHER as OTHER_TOKEN
from tests.mockserver.settings import READER, until
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from eventshub_mockserver import HubServer

pytestmark = needs_nginx

ONE, OTHER = "127.0.0.21", "127.0.0.22"
"""Addresses of clients: all of 127.0.0.0/8 is loopback."""
PROXY = ("127.0.0.1/32",)
BEARER = {"Authorization": f"Bearer {READER}"}


class Site:
    """A hub behind nginx."""

    def __init__(self, hub: HubServer, nginx: Nginx, stack: AsyncExitStack) -> None:
        self.hub = hub
        self.nginx = nginx
        self._stack = stack

    async def subscribe(self, address: str, headers: dict[str, str] = BEARER) -> ClientConnection:
        """Connect from an address, through nginx, and read the welcome."""
        url = f"wss://127.0.0.1:{self.nginx.port}/v1/ws/subscribe?event_types=pdfm,health"
        opened = connect(
            url,
            additional_headers=headers,
            ssl=self.nginx.context,
            local_addr=(address, 0),
            proxy=None,
        )
        connection = await self._stack.enter_async_context(opened)
        assert (await receive(connection))["body"]["client_id"]
        return connection

    async def refusal(self, address: str, headers: dict[str, str] = BEARER) -> tuple[int, str]:
        """Status and message of the answer to a handshake that fails."""
        with pytest.raises(InvalidStatus) as refused:
            await self.subscribe(address, headers)
        response = refused.value.response
        return response.status_code, json.loads(response.body or b"{}")["message"]

    def rest(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"https://127.0.0.1:{self.nginx.port}", verify=self.nginx.context, headers=BEARER
        )


@pytest.fixture
def site_of(stack: AsyncExitStack, tmp_path: Path) -> Any:
    async def start(hub: HubServer) -> Site:
        nginx = await stack.enter_async_context(nginx_before(hub.url, tmp_path))
        return Site(hub, nginx, stack)

    return start


async def receive(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        event: dict[str, Any] = json.loads(await connection.recv())
    return event


async def test_each_client_has_a_slot_of_its_own_and_none_can_forge_its_address(
    start_hub: Any, site_of: Any
) -> None:
    site: Site = await site_of(await start_hub(trusted_proxies=PROXY))
    first = await site.subscribe(ONE)
    assert await site.refusal(ONE) == (409, f"a connection from {ONE} is already active; close it first")
    # What a client says of itself stands on the left of what nginx says of it.
    for claimed in ("198.51.100.7", OTHER, "127.0.0.1", "198.51.100.7, 127.0.0.1", "no address", ""):
        status, message = await site.refusal(ONE, {**BEARER, "X-Forwarded-For": claimed})
        assert (status, ONE in message) == (409, True), claimed
    await site.subscribe(OTHER, {**BEARER, "X-Forwarded-For": ONE})
    assert len(site.hub.connections) == 2
    await first.close()
    await site.subscribe(ONE)


async def test_a_proxy_that_is_not_trusted_is_the_client_itself(start_hub: Any, site_of: Any) -> None:
    site: Site = await site_of(await start_hub())
    await site.subscribe(ONE)
    for headers in (BEARER, {**BEARER, "X-Forwarded-For": "198.51.100.7"}):
        status, message = await site.refusal(OTHER, headers)
        assert status == 409
        assert "from 127.0.0.1 " in message


async def test_of_many_handshakes_at_once_each_address_wins_its_slot(start_hub: Any, site_of: Any) -> None:
    site: Site = await site_of(await start_hub(trusted_proxies=PROXY))
    addresses = [f"127.0.0.{number}" for number in range(30, 34)]
    results = await asyncio.gather(
        *(site.subscribe(address) for address in addresses * 5), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, InvalidStatus)]
    assert len(refused) == len(results) - len(addresses)
    assert {error.response.status_code for error in refused} == {409}
    assert len(site.hub.connections) == len(addresses)


async def test_events_commands_heartbeats_and_closes_go_through(start_hub: Any, site_of: Any) -> None:
    hub: HubServer = await start_hub(
        {"ping_interval": 0.2, "pong_timeout": 30}, trusted_proxies=PROXY, connections_per_address=None
    )
    site: Site = await site_of(hub)
    client = await site.subscribe(ONE)
    for number in range(200):
        hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": f"vm-{number}"})
    assert [(await receive(client))["body"]["vm_id"] for _ in range(200)] == [f"vm-{n}" for n in range(200)]
    await client.send(json.dumps({"type": "health", "message": "ping", "id": "p-1"}))
    pong = await receive(client)
    assert (pong["message"], pong["ref_id"]) == ("pong", "p-1")
    async with asyncio.timeout(10):
        await (await client.ping())
    # The hub's own ping, and the client's answer to it.
    await until(lambda: hub.connections[0]["last_pong_at"] is not None, 10)
    other = await site.subscribe(OTHER, {"Authorization": f"Bearer {OTHER_TOKEN}"})
    hub.revoke("other")
    await other.wait_closed()
    assert other.close_code == 1008
    client.transport.abort()
    await until(lambda: not hub.connections, 10)


async def test_pages_of_the_public_name_are_of_the_same_origin(start_hub: Any, site_of: Any) -> None:
    site: Site = await site_of(await start_hub(trusted_proxies=PROXY))
    status, _ = await site.refusal(ONE, {**BEARER, "Origin": "https://elsewhere.example.com"})
    assert status == 403
    await site.subscribe(ONE, {**BEARER, "Origin": f"https://127.0.0.1:{site.nginx.port}"})


async def test_rest_goes_through_and_the_control_surface_does_not(start_hub: Any, site_of: Any) -> None:
    site: Site = await site_of(await start_hub(trusted_proxies=PROXY))
    await site.subscribe(ONE)
    [connection] = site.hub.connections
    body = {"client_id": connection["id"], "event_types": ["pdfm"]}
    async with site.rest() as rest:
        assert (await rest.get("/v1/ws/stats")).json()["total_clients"] == 1
        assert (await rest.post("/api/v1/ws/unsubscribe", json=body)).json()["unsubscribed"] == ["pdfm"]
        assert (await rest.get("/v1/ws/subscribe")).status_code == 426
        assert (await rest.get("/control/openapi.json")).status_code == 404
        assert (await rest.get("/readyz")).status_code == 200
