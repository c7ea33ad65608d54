"""Unsubscribing over REST, against small servers on real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, RawServer, client, http_answer, raw_server, scripted_hub

from eventshub import (
    AsyncSubscription,
    Event,
    Gap,
    GlobalChannelError,
    HubUnreachableError,
    InvalidEvent,
    InvalidRequestError,
    MessageDecodeError,
    NotConnectedError,
    PermissionDeniedError,
    ProtocolError,
    StatusError,
    Timeouts,
)
from eventshub._core.address import Address
from eventshub.aio.transport import Transport

pytestmark = pytest.mark.both_twins

TOKEN = "token"
SHORT = Timeouts(rest=0.1)


async def unsubscribe(server: RawServer, *channels: str, timeouts: Timeouts | None = None) -> object:
    return await client(server.url, token=TOKEN, timeouts=timeouts).unsubscribe(frames.CLIENT_ID, *channels)


@asynccontextmanager
async def subscribed(
    rest: RawServer, *channels: str
) -> AsyncGenerator[AsyncSubscription[Event | InvalidEvent | Gap]]:
    """A subscription whose stream is one server and whose REST another."""

    async def script(peer: Peer) -> None:
        await peer.send(frames.welcome(*channels, "global"))
        await peer.until_closed()

    async with scripted_hub(script) as hub:
        events_hub = client(rest.url, token=TOKEN)
        stream = Address.parse(hub.url, stream_path="/v1/ws/subscribe")

        async def connect(_address: Address, channels: tuple[str, ...]) -> Transport:
            return await events_hub._connector._connect(stream, channels)  # pyright: ignore[reportPrivateUsage]

        subscription = events_hub.subscribe(*channels)
        subscription._stream._connect = connect  # pyright: ignore[reportPrivateUsage]
        async with subscription as events:
            yield events


async def test_request_names_connection_channels_and_credential() -> None:
    async with raw_server(http_answer("200 OK")) as server:
        await unsubscribe(server, " PDFM", "health")
    head, body = server.requests[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/ws/unsubscribe HTTP/1.1\r\n")
    assert b"authorization: bearer token" in head.lower()
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body) == {"client_id": frames.CLIENT_ID, "event_types": ["pdfm", "health"]}


async def test_channels_follow_what_the_hub_says() -> None:
    answer = (
        b'{"code": 200, "message": "m", "unsubscribed": ["pdfm"], '
        b'"remaining_subscriptions": ["health", "global"],'
        b' "refused": [{"event_type": "nope", "reason": "unknown channel"}]}'
    )
    async with (
        raw_server(http_answer("200 OK", answer)) as server,
        subscribed(server, "pdfm", "health") as events,
    ):
        result = await events.unsubscribe("pdfm", "nope")
        assert events.channels == ("health", "global")
    assert result.refused
    assert result.refused[0].reason == "unknown channel"
    assert json.loads(server.requests[0].split(b"\r\n\r\n")[1])["client_id"] == frames.CLIENT_ID


@pytest.mark.parametrize("body", [b"", b"null", b'{"message": "Unsubscribed", "code": 200}'])
async def test_answers_of_the_service_remove_what_was_asked(body: bytes) -> None:
    async with (
        raw_server(http_answer("200 OK", body)) as server,
        subscribed(server, "pdfm", "health") as events,
    ):
        await events.unsubscribe("pdfm")
        assert events.channels == ("health", "global")


async def test_refused_channels_stay_even_without_a_list_of_what_remains() -> None:
    body = b'{"refused": [{"event_type": "health", "reason": "not now"}]}'
    async with (
        raw_server(http_answer("200 OK", body)) as server,
        subscribed(server, "pdfm", "health") as events,
    ):
        await events.unsubscribe("pdfm", "health")
        assert events.channels == ("health", "global")


async def test_global_is_refused_before_anything_is_sent() -> None:
    async with raw_server(http_answer("200 OK")) as server, subscribed(server, "pdfm") as events:
        with pytest.raises(GlobalChannelError, match="'global' cannot be left; nothing was sent") as caught:
            await events.unsubscribe("pdfm", " Global")
        assert caught.value.channel == "global"
        with pytest.raises(ValueError, match="at least one channel"):
            await events.unsubscribe()
    assert server.requests == []


async def test_needs_an_open_connection() -> None:
    async with raw_server(http_answer("200 OK")) as server:
        async with subscribed(server, "pdfm") as events:
            await events.close()
            with pytest.raises(NotConnectedError):
                await events.unsubscribe("pdfm")
        assert server.requests == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", InvalidRequestError),
        ("403 Forbidden", PermissionDeniedError),
        ("418 I'm a teapot", StatusError),
        ("302 Found", StatusError),
    ],
)
async def test_refusal_is_typed(status: str, kind: type[StatusError]) -> None:
    async with raw_server(http_answer(status, b'{"code": 1, "message": "why"}')) as server:
        with pytest.raises(StatusError, match="why") as caught:
            await unsubscribe(server, "pdfm")
    assert type(caught.value) is kind
    assert caught.value.url == f"{server.url}/v1/ws/unsubscribe"


async def test_answer_that_is_no_json() -> None:
    async with raw_server(http_answer("200 OK", b"<html>captive portal</html>")) as server:
        with pytest.raises(MessageDecodeError):
            await unsubscribe(server, "pdfm")


async def test_answer_that_is_no_http() -> None:
    async with raw_server(b"SSH-2.0\r\n\r\n") as server:
        with pytest.raises(ProtocolError) as caught:
            await unsubscribe(server, "pdfm")
    assert isinstance(caught.value.__cause__, httpx.RemoteProtocolError)


async def test_answer_without_end_is_cut() -> None:
    async with raw_server(http_answer("200 OK", b"x" * 5_000_000)) as server:
        with pytest.raises(ProtocolError, match="larger than"):
            await unsubscribe(server, "pdfm")


async def test_no_answer_is_a_timeout() -> None:
    async with raw_server(None) as server:
        with pytest.raises(HubUnreachableError, match=r"within 0\.1 s") as caught:
            await unsubscribe(server, "pdfm", timeouts=SHORT)
    assert caught.value.reason == "timeout"


async def test_nothing_listens() -> None:
    server = RawServer()
    server.url = "http://127.0.0.1:9"
    with pytest.raises(HubUnreachableError) as caught:
        await unsubscribe(server, "pdfm")
    assert caught.value.reason == "refused"


async def test_hub_as_context_manager_shares_connections_and_closes_them() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while True:
                await reader.readuntil(b"}")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        hub = client(url, token=TOKEN)
        async with hub:
            await hub.unsubscribe(frames.CLIENT_ID, "pdfm")
            await hub.unsubscribe(frames.CLIENT_ID, "pdfm")
        assert connections == 1
        await hub.unsubscribe(frames.CLIENT_ID, "pdfm")
        assert connections == 2
