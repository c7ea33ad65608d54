"""Protocol UNSUB, OPS, ERR, CONN-8 on the wire: REST, and requests that are none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.mockserver.settings import API_KEY, CLAIMLESS, OTHER, READER, ROOT
from tests.mockserver.spec_oracle import checked_answer, checked_error

from eventshub_mockserver import HubServer

UNSUBSCRIBE = "/v1/ws/unsubscribe"


def checked(operation: str, response: httpx.Response) -> Any:
    return checked_answer(operation, response.status_code, response.headers, response.content)


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_inspection(hub: HubServer, rest: httpx.AsyncClient, subscribe: Any, prefix: str) -> None:
    await subscribe(hub, "pdfm")
    await subscribe(hub, "health", token=OTHER)
    (own,) = checked("clients", await rest.get(f"{prefix}/v1/ws/clients"))
    assert (own["username"], own["event_subscriptions"]) == ("reader", ["pdfm", "global"])
    everybody = await rest.get("/v1/ws/clients", headers={"Authorization": f"Bearer {ROOT}"})
    assert {entry["username"] for entry in checked("clients", everybody)} == {"reader", "other"}
    stats = checked("stats", await rest.get(f"{prefix}/v1/ws/stats"))
    assert (stats["total_clients"], stats["type_stats"]["global"], stats["messages_sent"]) == (2, 2, 2)


async def test_probes_need_no_credential(hub: HubServer) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as anybody:
        checked("liveness", await anybody.get("/healthz"))
        checked("readiness", await anybody.get("/readyz"))


async def test_a_hub_that_shuts_down_is_alive_but_not_ready(start_hub: Any, subscribe: Any) -> None:
    hub: HubServer = await start_hub({"drain_timeout": 1, "close_timeout": 1})
    peer = await subscribe(hub)
    async with httpx.AsyncClient(base_url=hub.url) as anybody:
        stopping = asyncio.create_task(hub.stop())
        await peer.read_close()
        assert (await anybody.get("/healthz")).status_code == 200
        response = await anybody.get("/readyz")
        assert response.status_code == 503
        checked("readiness", response)
        await stopping


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("unsubscribe", "POST", UNSUBSCRIBE),
        ("clients", "GET", "/v1/ws/clients"),
        ("stats", "GET", "/v1/ws/stats"),
    ],
)
async def test_credentials_come_first(hub: HubServer, operation: str, method: str, path: str) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as client:
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({"Authorization": f"Bearer {READER}", "X-Api-Key": API_KEY}, 401),
            ({"Authorization": f"Bearer {CLAIMLESS}"}, 403),
        ):
            response = await client.request(method, path, headers=headers)
            assert response.status_code == status
            checked(operation, response)
        if method == "GET":
            assert (await client.request(method, path, headers={"X-Api-Key": API_KEY})).status_code == 200


async def test_credentials_come_before_the_body(hub: HubServer, dial: Any) -> None:
    peer = await dial(hub)
    head = {"Host": "h", "Content-Type": "application/json", "Content-Length": "1000"}
    assert (await peer.request(f"POST {UNSUBSCRIBE} HTTP/1.1", head)).status == 401


@pytest.mark.parametrize(
    ("content", "content_type", "status", "says"),
    [
        (b"{}", "application/json", 400, "client_id"),
        (b"{}", "application/json; charset=utf-8", 400, "client_id"),
        (b"nonsense", "application/json", 400, "JSON"),
        (b"{}", "text/plain", 415, "application/json"),
        (b"{}", "application/x-www-form-urlencoded", 415, "application/json"),
        (b"{}", "", 415, "application/json"),
        (b" " * 70_000, "application/json", 413, "large"),
    ],
)
async def test_bodies_that_will_not_do(
    rest: httpx.AsyncClient, content: bytes, content_type: str, status: int, says: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = await rest.post(UNSUBSCRIBE, content=content, headers=headers)
    assert response.status_code == status
    assert says in checked("unsubscribe", response)["message"]


async def test_a_body_without_a_stated_length_is_bounded_too(rest: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    response = await rest.post(UNSUBSCRIBE, content=endless(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for(start_hub: Any, dial: Any) -> None:
    # A connection that is idle for so long is dropped: the request must be quicker, on a busy machine too.
    hub: HubServer = await start_hub({"request_timeout": 1.0})
    peer = await dial(hub)
    head = {
        "Host": "h",
        "Authorization": f"Bearer {READER}",
        "Content-Type": "application/json",
        "Content-Length": "10",
    }
    answer = await peer.request(f"POST {UNSUBSCRIBE} HTTP/1.1", head, b"{")
    assert answer.status == 408
    checked_error(answer.status, answer.headers, answer.body)


async def test_ownership(hub: HubServer, rest: httpx.AsyncClient, subscribe: Any) -> None:
    await subscribe(hub, "pdfm", token=OTHER)
    (entry,) = hub.connections
    response = await rest.post(UNSUBSCRIBE, json={"client_id": entry["id"], "event_types": ["pdfm"]})
    assert response.status_code == 403
    checked("unsubscribe", response)
    unknown = "b6928d12-c836-4efc-98f1-3220db691900"
    response = await rest.post(UNSUBSCRIBE, json={"client_id": unknown, "event_types": ["pdfm"]})
    assert response.status_code == 404
    checked("unsubscribe", response)
    assert hub.connections[0]["event_subscriptions"] == ["pdfm", "global"]


@pytest.mark.parametrize(
    "path", ["/", "/v1/ws/nope", "/control/publish/more", "/%2e%2e/etc/passwd", "/api/healthz"]
)
async def test_other_paths_are_404(rest: httpx.AsyncClient, path: str) -> None:
    response = await rest.get(path)
    assert response.status_code == 404
    checked_error(404, response.headers, response.content)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", UNSUBSCRIBE), ("POST", "/v1/ws/subscribe"), ("PUT", "/healthz")]
)
async def test_other_methods_are_405(rest: httpx.AsyncClient, method: str, path: str) -> None:
    response = await rest.request(method, path)
    assert response.status_code == 405
    assert response.headers["Allow"]
    assert method in checked_error(405, response.headers, response.content)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: h\r\nBad Header\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: h\r\nX: \x00\r\n\r\n", 400),
        (b"POST /v1/ws/unsubscribe HTTP/1.1\r\nHost: h\r\nContent-Length: minus\r\n\r\n", 400),
        (b"GET /healthz?access_token=s3cret" + b"x" * 9000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\nHost: h\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 400),
    ],
)
async def test_what_is_no_http_is_answered_in_json_and_not_quoted(
    hub: HubServer, data: bytes, status: int, caplog: pytest.LogCaptureFixture, dial: Any
) -> None:
    peer = await dial(hub)
    answer = await peer.raw(data)
    assert answer.status == status
    checked_error(answer.status, answer.headers, answer.body)
    assert await peer.read_end() == b""
    assert "s3cret" not in answer.body.decode() + caplog.text


async def test_a_handshake_that_never_ends_is_given_up(start_hub: Any, dial: Any) -> None:
    hub: HubServer = await start_hub({"request_timeout": 0.2})
    peer = await dial(hub)
    peer.writer.write(b"GET /v1/ws/subscribe HTTP/1.1\r\nHost:")
    assert await peer.read_end() == b""
