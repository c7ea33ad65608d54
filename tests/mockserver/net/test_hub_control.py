"""The control surface: apart from the product, by path and by credential."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.mockserver.core_harness import VM
from tests.mockserver.settings import CONTROL, READER
from tests.mockserver.spec_oracle import checked_error

from eventshub_mockserver import HubServer

AUTHORIZED = {"Authorization": f"Bearer {CONTROL}"}
EVENT = {"channel": "pdfm", "message": "VM_STATE_CHANGED", "body": VM}


@pytest.fixture
async def control(hub: HubServer, stack: Any) -> httpx.AsyncClient:
    assert hub.control_url is not None
    client = httpx.AsyncClient(base_url=hub.control_url, headers=AUTHORIZED)
    entered: httpx.AsyncClient = await stack.enter_async_context(client)
    return entered


async def test_without_a_control_token_there_is_none(start_hub: Any) -> None:
    hub: HubServer = await start_hub(control_token=None)
    assert hub.control_url is None
    async with httpx.AsyncClient(base_url=hub.url, headers=AUTHORIZED) as client:
        assert (await client.get("/control/connections")).status_code == 404
        assert (await client.post("/control/publish", json=EVENT)).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {READER}"},
        {"Authorization": CONTROL},
        {"X-Api-Key": CONTROL},
        {"Authorization": "Bearer caf\u00e9"},
    ],
)
async def test_only_the_control_credential_counts(hub: HubServer, headers: dict[str, str]) -> None:
    encoded = {name.encode(): value.encode() for name, value in headers.items()}
    async with httpx.AsyncClient(base_url=hub.url, headers=encoded) as client:
        for response in (
            await client.get("/control/connections"),
            await client.post("/control/publish", json=EVENT),
        ):
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
            checked_error(401, response.headers, response.content)


async def test_the_control_credential_counts_nowhere_else(hub: HubServer) -> None:
    async with httpx.AsyncClient(base_url=hub.url, headers=AUTHORIZED) as client:
        assert (await client.get("/v1/ws/stats")).status_code == 401
        assert (await client.get(f"/v1/ws/subscribe?access_token={CONTROL}", headers={})).status_code == 401


async def test_publishing(control: httpx.AsyncClient, hub: HubServer, subscribe: Any) -> None:
    one, other = await subscribe(hub, "pdfm"), await subscribe(hub, "pdfm,health")
    response = await control.post("/publish", json=EVENT)
    assert response.status_code == 202
    assert response.json()["recipients"] == 2
    for peer in (one, other):
        event = await peer.read_event()
        assert (event["id"], event["body"]) == (response.json()["id"], VM)
    target = hub.connections[0]["id"]
    response = await control.post("/publish", json={**EVENT, "client_id": target})
    assert response.json()["recipients"] == 1
    assert (await one.read_event())["client_id"] == target
    response = await control.post("/publish", json={"channel": "health", "message": "ping"})
    assert (response.status_code, response.json()["recipients"]) == (202, 1)
    assert "body" not in await other.read_event()


async def test_unchecked_events_go_out_as_they_are(
    control: httpx.AsyncClient, hub: HubServer, subscribe: Any
) -> None:
    peer = await subscribe(hub)
    event = {"channel": "nope", "message": "NEW", "body": [1], "unchecked": True}
    assert (await control.post("/publish", json=event)).json()["recipients"] == 1
    _, payload = await peer.read_frame()
    assert b'"body":[1]' in payload


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        ({**EVENT, "body": {**VM, "current_state": "exploded"}}, 400, "body.current_state"),
        ({**EVENT, "message": "NOPE"}, 400, "VM_STATE_CHANGED"),
        ({**EVENT, "channel": "nope"}, 400, "pdfm"),
        ({**EVENT, "client_id": "b6928d12-c836-4efc-98f1-3220db691900"}, 404, "b6928d12"),
        ({"channel": "pdfm"}, 400, "message"),
        ({**EVENT, "chanel": "pdfm"}, 400, "chanel"),
        ([], 400, "object"),
    ],
)
async def test_what_cannot_be_published_is_explained(
    control: httpx.AsyncClient, content: object, status: int, says: str
) -> None:
    response = await control.post("/publish", json=content)
    assert response.status_code == status
    assert says in checked_error(status, response.headers, response.content)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"nonsense", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * (8 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
async def test_bodies_that_will_not_do_are_refused(
    control: httpx.AsyncClient, content: bytes, content_type: str, status: int
) -> None:
    response = await control.post("/publish", content=content, headers={"Content-Type": content_type})
    assert response.status_code == status
    checked_error(status, response.headers, response.content)


async def test_connections_are_listed_whoever_opened_them(
    control: httpx.AsyncClient, hub: HubServer, subscribe: Any
) -> None:
    await subscribe(hub, "pdfm")
    await subscribe(hub, token="s3cret-other")
    listed = (await control.get("/connections")).json()
    assert [entry["username"] for entry in listed] == ["reader", "other"]
