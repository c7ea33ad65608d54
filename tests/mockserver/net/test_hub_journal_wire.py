"""The journal on real sockets: handshakes, REST calls and ends, and never a secret."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest
from tests.mockserver.core_harness import VM
from tests.mockserver.net.conftest import Dial, StartHub, Subscribe
from tests.mockserver.raw_peer import CLOSE, TEXT, RawPeer
from tests.mockserver.settings import CLAIMLESS, CONTROL, CREDENTIALS, OTHER, READER, until

from eventshub_mockserver import HubServer, Kind

SUBSCRIBE = "/v1/ws/subscribe"


@pytest.fixture
async def hub(start_hub: StartHub) -> HubServer:
    return await start_hub(journal=True)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_handshakes_are_noted_with_their_outcome(
    hub: HubServer, dial: Dial, subscribe: Subscribe
) -> None:
    await subscribe(hub, "pdfm")
    for headers in (bearer(OTHER), bearer("wrong"), bearer(CLAIMLESS), {**bearer(OTHER), "Upgrade": ""}):
        await (await dial(hub)).upgrade(SUBSCRIBE, headers)
    accepted, *refused = hub.journal.handshakes()
    assert (accepted.status, accepted.principal, accepted.channels) == (101, "reader", ("pdfm", "global"))
    assert accepted.connection == hub.connections[0]["id"]
    assert [(entry.status, entry.principal) for entry in refused] == [
        (409, "other"),
        (401, None),
        (403, None),
        (426, "other"),
    ]
    assert [entry.kind for entry in hub.journal][:2] == [Kind.HANDSHAKE, Kind.SENT]


async def test_rest_calls_are_noted_with_their_caller(hub: HubServer) -> None:
    async with httpx.AsyncClient(base_url=hub.url, headers=bearer(READER)) as rest:
        await rest.get("/v1/ws/stats?x=1")
        await rest.get("/nowhere")
        await rest.get("/control/connections", headers=bearer(CONTROL))
    assert [(entry.status, entry.principal, entry.detail) for entry in hub.journal.rest()] == [
        (200, "reader", "GET /v1/ws/stats"),
        (404, None, "GET /nowhere"),
    ]
    (control,) = hub.journal.select(Kind.CONTROL)
    assert (control.status, control.detail) == (200, "GET /control/connections")


async def test_no_secret_is_remembered(hub: HubServer, dial: Dial) -> None:
    await (await dial(hub)).upgrade(f"{SUBSCRIBE}?access_token={READER}", {})
    await (await dial(hub)).upgrade(f"{SUBSCRIBE}?authorization=guess-{READER}", {})
    async with httpx.AsyncClient(base_url=hub.url, headers=bearer(OTHER)) as rest:
        await rest.get(f"/v1/ws/clients?access_token={READER}")
    exported = hub.journal.json_lines()
    assert len(hub.journal.handshakes()) == 2
    assert [c.secret for c in CREDENTIALS if c.secret in exported] == []


def broken_frame(peer: RawPeer) -> None:
    peer.send(TEXT, b"\xff")


def close_frame(peer: RawPeer) -> None:
    peer.send(CLOSE, (4001).to_bytes(2, "big") + b"bye")


def close_frame_with_1006(peer: RawPeer) -> None:
    peer.send(CLOSE, (1006).to_bytes(2, "big"))


@pytest.mark.parametrize(
    ("leave", "code", "by"),
    [
        (close_frame, 4001, "by the client"),
        (close_frame_with_1006, 1002, "by the hub"),
        (broken_frame, 1007, "by the hub"),
        (RawPeer.reset, 1006, "lost"),
        (RawPeer.close, 1006, "lost"),
    ],
)
async def test_ends_are_noted_once_with_code_and_side(
    hub: HubServer, subscribe: Subscribe, leave: Callable[[RawPeer], None], code: int, by: str
) -> None:
    peer = await subscribe(hub)
    leave(peer)
    await until(lambda: not hub.connections)
    await peer.end()
    await asyncio.sleep(0.05)
    (entry,) = hub.journal.closes()
    assert entry.status == code
    assert by in entry.detail
    assert entry.principal == "reader"


async def test_connections_can_be_closed_with_any_code_after_what_waits(
    hub: HubServer, subscribe: Subscribe
) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert hub.close_connections(4000, "on purpose", client_id=hub.connections[0]["id"]) == 1
    code, reason, events = await peer.read_close()
    assert (code, reason, [event["message"] for event in events]) == (
        4000,
        "on purpose",
        ["VM_STATE_CHANGED"],
    )
    assert [(entry.status, entry.detail) for entry in hub.journal.closes()] == [
        (4000, "by the hub: on purpose")
    ]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
async def test_a_code_that_may_not_go_over_the_wire_is_refused(hub: HubServer, code: int) -> None:
    with pytest.raises(ValueError, match=str(code)):
        hub.close_connections(code)


async def test_an_unknown_connection_cannot_be_closed(hub: HubServer) -> None:
    with pytest.raises(LookupError, match="nobody"):
        hub.close_connections(client_id="nobody")


async def test_a_reset_hub_is_as_it_was_after_its_start(hub: HubServer, subscribe: Subscribe) -> None:
    peer, token = await subscribe(hub, "pdfm"), hub.token
    hub.revoke("reader")
    await hub.reset()
    assert (await peer.read_close())[0] == 1001
    assert (hub.connections, list(hub.journal)) == ([], [])
    again = await subscribe(hub, "pdfm", token)
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    assert (await again.read_event())["message"] == "VM_STATE_CHANGED"


async def test_a_reset_does_not_wait_for_peers_that_read_nothing(hub: HubServer, dial: Dial) -> None:
    peer = await dial(hub)
    await peer.upgrade(SUBSCRIBE, bearer(READER))
    peer.stop_reading()
    async with asyncio.timeout(1):
        await hub.reset()
    assert hub.connections == []


async def test_without_a_journal_asking_for_it_says_what_to_do(start_hub: StartHub) -> None:
    server = await start_hub(control_token=None)
    with pytest.raises(LookupError, match="journal=True"):
        len(server.journal)


async def test_a_message_is_in_the_journal_as_on_the_wire(hub: HubServer, subscribe: Subscribe) -> None:
    peer = await subscribe(hub, "pdfm")
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    event = await peer.read_event()
    assert hub.journal.sent("pdfm")[0].text == json.dumps(event, separators=(",", ":"))
