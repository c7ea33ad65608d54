"""What goes wrong below this package comes out in its own terms, chained to its cause."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import trustme
import websockets.exceptions
from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, http_answer, raw_server, scripted_hub

from eventshub import (
    AsyncEventsHub,
    AuthenticationError,
    ConnectionConflictError,
    CredentialError,
    EventsHubError,
    HubFaultError,
    HubUnavailableError,
    HubUnreachableError,
    InvalidAddressError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitedError,
    StatusError,
    Timeouts,
)
from eventshub._net.http_failures import HTTP_FAILURES, http_failure
from eventshub._net.websocket_failures import OPENING_FAILURES, opening_failure

TOKEN = "hunter2-token"
WRONG_UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: wrong\r\n\r\n"
)
SHORT = Timeouts(connect=0.1, welcome=0.1, rest=0.1)


async def refused(url: str, **options: Any) -> EventsHubError:
    with pytest.raises(EventsHubError) as caught:
        await AsyncEventsHub(url, token=TOKEN, **options).subscribe("pdfm").__aenter__()
    assert TOKEN not in str(caught.value)
    return caught.value


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class TestHandshake:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ("401 Unauthorized", AuthenticationError),
            ("403 Forbidden", PermissionDeniedError),
            ("409 Conflict", ConnectionConflictError),
            ("426 Upgrade Required", StatusError),
            ("429 Too Many Requests", RateLimitedError),
            ("500 Internal Server Error", HubFaultError),
            ("503 Service Unavailable", HubUnavailableError),
        ],
    )
    async def test_refusal_is_typed_and_its_body_read(self, status: str, kind: type[StatusError]) -> None:
        answer = http_answer(status, b'{"code": 1, "message": "because of 192.0.2.7"}', Retry_After="7")
        async with raw_server(answer) as server:
            error = await refused(server.url)
        assert type(error) is kind
        assert isinstance(error, StatusError)
        assert error.text == "because of 192.0.2.7"
        assert error.retry_after == 7.0
        assert error.headers["retry-after"] == "7"
        assert error.url.endswith("/v1/ws/subscribe?event_types=pdfm")
        assert isinstance(error.__cause__, websockets.exceptions.InvalidStatus)
        if isinstance(error, ConnectionConflictError):
            assert error.address == "192.0.2.7"

    async def test_redirect_is_not_followed(self) -> None:
        async with raw_server(http_answer("200 OK")) as elsewhere:
            answer = http_answer("302 Found", Location=elsewhere.url.replace("http", "ws"))
            async with raw_server(answer) as server:
                error = await refused(server.url)
            assert elsewhere.requests == []
        assert isinstance(error, StatusError)
        assert "redirects are not followed" in str(error)
        assert not error.retryable

    @pytest.mark.parametrize(
        "answer",
        [
            http_answer("200 OK", b"<html><title>Hello</title></html>"),
            b"SSH-2.0-OpenSSH_9.6\r\n",
            WRONG_UPGRADE,
        ],
        ids=["web page", "no HTTP", "wrong key"],
    )
    async def test_what_is_no_hub_is_a_protocol_error(self, answer: bytes) -> None:
        async with raw_server(answer) as server:
            error = await refused(server.url)
        assert type(error) is ProtocolError
        assert error.__cause__ is not None

    async def test_connection_that_ends_during_the_handshake(self) -> None:
        async with raw_server(b"") as server:
            error = await refused(server.url)
        assert isinstance(error, HubUnreachableError)
        assert (error.reason, error.retryable) == ("network", True)

    async def test_nothing_listens(self) -> None:
        error = await refused(f"http://127.0.0.1:{closed_port()}")
        assert isinstance(error, HubUnreachableError)
        assert (error.reason, error.retryable) == ("refused", True)
        assert isinstance(error.__cause__, ConnectionRefusedError)

    async def test_hub_that_does_not_answer(self) -> None:
        async with raw_server(None) as server:
            error = await refused(server.url, timeouts=SHORT)
        assert isinstance(error, HubUnreachableError)
        assert (error.reason, error.retryable) == ("timeout", True)
        assert "within 0.1 s" in str(error)

    async def test_host_without_an_address(self) -> None:
        error = await refused("http://no-such-host.invalid")
        assert isinstance(error, HubUnreachableError)
        assert error.reason == "dns"

    async def test_host_that_cannot_be_a_name(self) -> None:
        error = await refused(f"http://{'a' * 64}.example")
        assert isinstance(error, InvalidAddressError)

    async def test_callable_that_fails(self) -> None:
        async def token() -> str:
            raise RuntimeError("no identity provider")

        with pytest.raises(CredentialError) as caught:
            await AsyncEventsHub("http://127.0.0.1:9", token=token).subscribe().__aenter__()
        assert isinstance(caught.value.__cause__, RuntimeError)

    async def test_callable_that_returns_nonsense(self) -> None:
        def token() -> Any:
            return None

        with pytest.raises(CredentialError, match="must be a str, not a NoneType"):
            await AsyncEventsHub("http://127.0.0.1:9", token=token).subscribe().__aenter__()


class TestTls:
    async def test_trusted_certificate(self) -> None:
        authority: Any = trustme.CA()  # its types need pyOpenSSL, which nothing here uses
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(server_side)
        client_side = ssl.create_default_context()
        authority.configure_trust(client_side)

        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            await peer.until_closed()

        async with scripted_hub(script, ssl=server_side) as hub:
            events_hub = AsyncEventsHub(hub.url, token=TOKEN, ssl_context=client_side)
            async with events_hub.subscribe() as events:
                assert events.channels == ("global",)
        async with raw_server(http_answer("200 OK"), ssl=server_side) as server:
            events_hub = AsyncEventsHub(server.url, token=TOKEN, ssl_context=client_side)
            assert not (await events_hub.unsubscribe(frames.CLIENT_ID, "pdfm")).refused

    async def test_certificate_that_nobody_vouches_for(self) -> None:
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority: Any = trustme.CA()
        authority.issue_cert("127.0.0.1").configure_cert(server_side)
        async with raw_server(http_answer("200 OK"), ssl=server_side) as server:
            error = await refused(server.url)
            with pytest.raises(HubUnreachableError) as caught:
                await AsyncEventsHub(server.url, token=TOKEN).unsubscribe(frames.CLIENT_ID, "pdfm")
        for failure in (error, caught.value):
            assert isinstance(failure, HubUnreachableError)
            assert (failure.reason, failure.retryable) == ("tls", False)
            assert "is not trusted" in str(failure)

    async def test_plain_server_behind_a_tls_url(self) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(http_answer("400 Bad Request"))
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            error = await refused(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert isinstance(error, HubUnreachableError)
        assert error.reason == "tls"
        assert "does not speak TLS" in str(error)


class TestMapping:
    """Every exception that the libraries underneath declare has a place."""

    @pytest.mark.parametrize(
        "error",
        [
            websockets.exceptions.InvalidURI("x", "y"),
            websockets.exceptions.InvalidProxy("x", "y"),
            websockets.exceptions.ProxyError("x"),
            websockets.exceptions.InvalidMessage("x"),
            websockets.exceptions.InvalidUpgrade("x"),
            websockets.exceptions.SecurityError("x"),
            websockets.exceptions.NegotiationError("x"),
            websockets.exceptions.ConnectionClosedError(None, None),
            websockets.exceptions.ConcurrencyError("x"),
            socket.gaierror(-2, "Name or service not known"),
            ssl.SSLError(1, "x"),
            ssl.SSLCertVerificationError(1, "x"),
            ConnectionRefusedError(),
            ConnectionResetError(),
            TimeoutError(),
            OSError("Multiple exceptions: [...]"),
            EOFError(),
            UnicodeError("label too long"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_of_opening_a_stream(self, error: Exception) -> None:
        assert isinstance(error, OPENING_FAILURES)
        assert isinstance(opening_failure(error, "ws://hub", timeout=1, wall_clock=0), EventsHubError)

    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            (httpx.ConnectTimeout, "timeout"),
            (httpx.ReadTimeout, "timeout"),
            (httpx.WriteTimeout, "timeout"),
            (httpx.PoolTimeout, "timeout"),
            (httpx.ConnectError, "network"),
            (httpx.ReadError, "network"),
            (httpx.WriteError, "network"),
            (httpx.CloseError, "network"),
            (httpx.ProxyError, "proxy"),
            (httpx.RemoteProtocolError, None),
            (httpx.LocalProtocolError, None),
            (httpx.UnsupportedProtocol, None),
            (httpx.DecodingError, None),
            (httpx.TooManyRedirects, None),
            (httpx.InvalidURL, None),
            (httpx.StreamClosed, None),
        ],
    )
    def test_of_a_rest_call(self, make: Callable[..., Exception], reason: str | None) -> None:
        error = make() if make is httpx.StreamClosed else make("x")
        assert isinstance(error, HTTP_FAILURES)
        failure = http_failure(error, "http://hub", timeout=1)
        assert getattr(failure, "reason", None) == reason or reason is None


async def test_no_secret_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # What the hub logs of the requests it gets is not this package's.
    logging.getLogger("the hub's own").setLevel(logging.CRITICAL)

    async def script(peer: Peer) -> None:
        await peer.send(frames.welcome("global"))
        await peer.until_closed()

    async with (
        scripted_hub(script, logger=logging.getLogger("the hub's own")) as hub,
        AsyncEventsHub(hub.url, token=TOKEN) as events_hub,
    ):
        async with events_hub.subscribe():
            pass
        async with AsyncEventsHub(hub.url, api_key=("key", TOKEN)).subscribe():
            pass
        with pytest.raises(EventsHubError):
            await events_hub.unsubscribe(frames.CLIENT_ID, "pdfm")
    assert "> Authorization: …" in caplog.text
    assert "> X-Api-Key: …" in caplog.text
    assert "Sec-WebSocket-Version: 13" in caplog.text
    for secret in (TOKEN, "a2V5Omh1bnRlcjI", "hunter2"):
        assert secret not in caplog.text


async def test_no_secret_is_in_a_repr() -> None:
    events_hub = AsyncEventsHub("http://127.0.0.1:9", token=TOKEN)
    subscription = events_hub.subscribe("pdfm")
    assert TOKEN not in repr(events_hub) + repr(subscription) + repr(asyncio.current_task())
    assert "http://127.0.0.1:9" in repr(events_hub)
