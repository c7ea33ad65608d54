"""Protocol AUTH, CONN, IP on the wire: who is let in, and what the others are told."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from tests.mockserver.raw_peer import CLOSE, Answer, RawPeer
from tests.mockserver.settings import API_KEY, CLAIMLESS, OTHER, READER, until
from tests.mockserver.spec_oracle import checked_answer, checked_frame

from eventshub_mockserver import HubServer, Token

PATH = "/v1/ws/subscribe"
BEARER = {"Authorization": f"Bearer {READER}"}


def told(answer: Answer) -> str:
    """The message of an error answer, after the spec found it right."""
    message: str = checked_answer("subscribe", answer.status, answer.headers, answer.body)["message"]
    return message


async def ask(hub: HubServer, path: str = PATH, **headers: str) -> Answer:
    peer = await RawPeer.dial(hub.url)
    try:
        return await peer.upgrade(path, {name.replace("_", "-"): value for name, value in headers.items()})
    finally:
        await peer.end()


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", BEARER),
        ("", {"X-Api-Key": API_KEY}),
        (f"&access_token={READER}", {}),
        (f"&authorization={READER}", {}),
        (f"&authorization=Bearer%20{READER}", {}),
    ],
)
async def test_every_credential_gets_a_welcome_under_every_prefix(
    hub: HubServer, prefix: str, query: str, headers: dict[str, str], dial: Any
) -> None:
    peer = await dial(hub)
    answer = await peer.upgrade(f"{prefix}{PATH}?event_types=PDFM,nope{query}", headers)
    assert answer.status == 101
    assert "Sec-Websocket-Extensions" not in answer.headers
    _, payload = await peer.read_frame()
    assert checked_frame(payload, is_welcome=True)["body"]["subscriptions"] == ["pdfm", "global"]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 401),
        ("", {"Authorization": "Bearer wrong"}, 401),
        ("", {"Authorization": f"Bearer {READER}", "X-Api-Key": API_KEY}, 401),
        (f"?access_token={READER}", {"Authorization": f"Bearer {READER}"}, 401),
        ("", {"Authorization": f"Bearer {CLAIMLESS}"}, 403),
        # What comes first in the order of the checks is what is told.
        ("", {"Upgrade": ""}, 401),
        ("", {"Authorization": f"Bearer {CLAIMLESS}", "Upgrade": ""}, 403),
        ("", {**BEARER, "Upgrade": ""}, 426),
        ("", {**BEARER, "Upgrade": "h2c"}, 426),
        ("", {**BEARER, "Sec-WebSocket-Version": "12"}, 426),
        ("", {**BEARER, "Sec-WebSocket-Key": ""}, 400),
        ("", {**BEARER, "Sec-WebSocket-Key": "short"}, 400),
        ("", {**BEARER, "Connection": "keep-alive"}, 400),
    ],
)
async def test_the_others_are_told_why_and_no_slot_is_taken(
    start_hub: Any, query: str, headers: dict[str, str], status: int, dial: Any
) -> None:
    hub = await start_hub()
    peer = await dial(hub)
    answer = await peer.upgrade(PATH + query, headers)
    assert answer.status == status
    told(answer)
    assert (await ask(hub, **BEARER)).status == 101


async def test_a_refused_upgrade_leaves_the_connection_usable(hub: HubServer, dial: Any) -> None:
    peer = await dial(hub)
    assert (await peer.upgrade(PATH, {"Authorization": "Bearer wrong"})).status == 401
    assert (await peer.upgrade(PATH, BEARER)).status == 101


async def test_no_extension_is_agreed_to(hub: HubServer) -> None:
    answer = await ask(hub, **BEARER, Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
    assert answer.status == 101
    assert "Sec-Websocket-Extensions" not in answer.headers


async def test_query_tokens_are_for_subscribe_alone(hub: HubServer, dial: Any) -> None:
    for path in ("/v1/ws/clients", "/v1/ws/stats"):
        peer = await dial(hub)
        answer = await peer.request(f"GET {path}?access_token={READER} HTTP/1.1", {"Host": "hub"})
        assert answer.status == 401


@pytest.mark.parametrize("limit", [1, 3])
async def test_of_a_hundred_handshakes_at_once_exactly_as_many_win_as_may(
    start_hub: Any, limit: int, dial: Any
) -> None:
    hub = await start_hub(connections_per_address=limit)
    peers = [await dial(hub) for _ in range(100)]
    answers = await asyncio.gather(*(peer.upgrade(PATH, BEARER) for peer in peers))
    refused = [answer for answer in answers if answer.status != 101]
    assert len(refused) == 100 - limit
    assert {answer.status for answer in refused} == {409}
    assert all("127.0.0.1" in told(answer) for answer in refused)
    assert len(hub.connections) == limit


async def close_politely(peer: RawPeer) -> None:
    peer.send(CLOSE, b"\x03\xe8")
    assert (await peer.read_close())[0] == 1000


async def vanish(peer: RawPeer) -> None:
    peer.reset()


async def hang_up(peer: RawPeer) -> None:
    peer.close()


async def break_the_protocol(peer: RawPeer) -> None:
    peer.send(0xB, b"")
    assert (await peer.read_close())[0] == 1002


@pytest.mark.parametrize("leave", [close_politely, vanish, hang_up, break_the_protocol])
async def test_a_slot_is_free_the_moment_the_socket_ends(start_hub: Any, subscribe: Any, leave: Any) -> None:
    hub = await start_hub()
    for _ in range(20):
        peer = await subscribe(hub, "pdfm")
        assert (await ask(hub, **BEARER)).status == 409
        await leave(peer)
        # A close frame is answered after the slot is freed; a vanished peer has first to be noticed.
        if leave in (vanish, hang_up):
            await until(lambda: not hub.connections, 1.0)
    assert (await ask(hub, **BEARER)).status == 101


async def test_a_probe_that_closes_can_reconnect_at_once(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub()
    for _ in range(50):
        await close_politely(await subscribe(hub))


async def test_peers_that_leave_during_the_handshake_leave_nothing(start_hub: Any, dial: Any) -> None:
    hub = await start_hub()
    for _ in range(30):
        peer = await dial(hub)
        peer.writer.write(
            f"GET {PATH} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Authorization: Bearer {READER}\r\n\r\n".encode()
        )
        await peer.writer.drain()
        peer.reset()
    await until(lambda: not hub.connections)
    assert (await ask(hub, **BEARER)).status == 101


async def test_frames_right_behind_the_handshake_are_heard(hub: HubServer, dial: Any) -> None:
    peer = await dial(hub)
    upgrade = asyncio.create_task(peer.upgrade(f"{PATH}?event_types=health", BEARER))
    await asyncio.sleep(0)
    peer.say({"type": "health", "message": "ping", "id": "early"})
    assert (await upgrade).status == 101
    await peer.read_frame()
    assert (await peer.read_event())["ref_id"] == "early"


async def test_forwarded_addresses_count_from_a_trusted_proxy_only(start_hub: Any, dial: Any) -> None:
    behind = await start_hub(trusted_proxies=("127.0.0.0/8",))
    direct = await start_hub()
    for hub, statuses, address in (
        (behind, [101, 101, 409], "198.51.100.2"),
        (direct, [101, 409, 409], "127.0.0.1"),
    ):
        peers = [await dial(hub) for _ in range(3)]
        forwarded = ["198.51.100.1", "6.6.6.6, 198.51.100.2", "7.7.7.7, 198.51.100.2"]
        answers = [
            await peer.upgrade(PATH, {**BEARER, "X-Forwarded-For": field})
            for peer, field in zip(peers, forwarded, strict=True)
        ]
        assert [answer.status for answer in answers] == statuses
        assert address in told(answers[-1])


async def test_a_token_that_expires_or_is_revoked_takes_its_sockets_along(
    start_hub: Any, subscribe: Any
) -> None:
    hub = await start_hub(
        {"ping_interval": 0.5, "pong_timeout": 10},
        credentials=(Token("brief", READER, expires_at=time.time() + 0.2), Token("other", OTHER)),
        connections_per_address=None,
    )
    brief = await subscribe(hub)
    revoked = await subscribe(hub, token=OTHER)
    assert (await brief.read_close())[0] == 1008
    hub.revoke("other")
    assert (await revoked.read_close())[0] == 1008
    assert (await ask(hub, Authorization=f"Bearer {OTHER}")).status == 401
    brief.close()
    revoked.close()


async def test_a_hub_that_shuts_down_says_when_to_come_back(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"drain_timeout": 1, "close_timeout": 1})
    peer = await subscribe(hub)
    stopping = asyncio.create_task(hub.stop())
    assert (await peer.read_close())[0] == 1001
    answer = await ask(hub, **BEARER)
    assert answer.status == 503
    told(answer)
    await stopping


async def test_a_full_hub_says_when_to_come_back_and_has_room_again(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"connections": 2}, connections_per_address=None)
    first, _ = await subscribe(hub), await subscribe(hub)
    answer = await ask(hub, **BEARER)
    assert (answer.status, int(answer.headers["Retry-After"]) > 0) == (503, True)
    told(answer)
    first.close()
    await until(lambda: len(hub.connections) == 1)
    assert (await ask(hub, **BEARER)).status == 101
