"""Proxies, headers of the application's own, client certificates: for the stream and for REST calls alike."""

from __future__ import annotations

import logging
import socket
import ssl
import traceback
from typing import Any

import pytest
import trustme
from tests.sdk import frames
from tests.sdk.proxies import PASSWORD, Proxy, http_proxy, socks_proxy
from tests.sdk.scripted_hub import ScriptedHub, client, http_answer, raw_server, scripted_hub, sends

from eventshub import AsyncEventsHub, HubUnreachableError, InvalidAddressError

WELCOMES = sends(frames.welcome("pdfm"))
NOBODY = http_answer("200 OK", b"[]")
# What a server says of the requests it gets is not the client's doing.
UNHEARD = logging.getLogger("tests.unheard")


async def connects(url: str, **options: Any) -> None:
    async with client(url, **options).subscribe("pdfm") as events:
        assert events.channels == ("pdfm",)


def everything_told(error: BaseException) -> str:
    """What a traceback with all its causes shows."""
    return "".join(traceback.format_exception(error))


class TestProxies:
    async def test_http_proxy_takes_stream_and_calls(self) -> None:
        async with http_proxy() as proxy, scripted_hub(WELCOMES) as hub, raw_server(NOBODY) as rest:
            await connects(hub.url, proxy=proxy.url)
            assert await client(rest.url, proxy=proxy.url).clients() == ()
            assert proxy.targets == [url.removeprefix("http://") for url in (hub.url, rest.url)]

    async def test_socks_proxy_takes_stream_and_calls(self) -> None:
        async with socks_proxy() as proxy, scripted_hub(WELCOMES) as hub, raw_server(NOBODY) as rest:
            await connects(hub.url, proxy=proxy.url)
            assert await client(rest.url, proxy=proxy.url).clients() == ()
            assert proxy.targets == [url.removeprefix("http://") for url in (hub.url, rest.url)]

    async def test_tls_goes_through_to_the_hub(self, authority: Any) -> None:
        server_side, client_side = contexts(authority)
        async with http_proxy() as proxy, scripted_hub(WELCOMES, ssl=server_side) as hub:
            await connects(hub.url, proxy=proxy.url, ssl_context=client_side)
            assert proxy.targets == [hub.url.removeprefix("https://")]

    async def test_password_is_used_and_never_shown(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        async with (
            http_proxy(wants_password=True) as proxy,
            scripted_hub(WELCOMES) as hub,
            raw_server(NOBODY) as rest,
        ):
            options: dict[str, Any] = {"proxy": proxy.url_with_password}
            await connects(hub.url, **options)
            assert await client(rest.url, **options).clients() == ()
            assert PASSWORD not in repr(client(hub.url, **options))
            wrong = proxy.url_with_password.replace("proxy-user", "somebody")
            for error in await refusals(hub, wrong):
                assert error.reason == "proxy"
                assert PASSWORD not in everything_told(error)
        assert PASSWORD not in caplog.text

    @pytest.mark.parametrize("scheme", ["http", "socks5h"])
    async def test_proxy_that_is_not_there_is_named_as_the_cause(
        self, unused_proxy: Proxy, scheme: str
    ) -> None:
        async with scripted_hub(WELCOMES) as hub:
            for error in await refusals(hub, unused_proxy.url_with_password.replace("http", scheme, 1)):
                assert error.reason == "proxy"
                assert str(error).startswith("the proxy on the way to ")
                assert error.retryable
                assert PASSWORD not in everything_told(error)
            assert hub.requests == []

    async def test_proxy_of_the_environment_that_is_not_there_is_named_too(
        self, unused_proxy: Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("no_proxy", "NO_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", unused_proxy.url_with_password)
        with pytest.raises(HubUnreachableError, match=r"^the proxy on the way to ") as caught:
            await client("http://127.0.0.1:9").clients()
        assert caught.value.reason == "proxy"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with pytest.raises(HubUnreachableError, match=r"^nothing listens at ") as caught:
            await client("http://127.0.0.1:9").clients()
        assert caught.value.reason == "refused"

    @pytest.mark.parametrize("variable", ["http_proxy", "https_proxy"])
    async def test_environment_names_one_unless_it_must_not(
        self, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        for name in ("no_proxy", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with http_proxy() as proxy, scripted_hub(WELCOMES) as hub:
            monkeypatch.setenv(variable, proxy.url)
            await connects(hub.url)
            assert len(proxy.targets) == 1
            await connects(hub.url, proxy=None)
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            await connects(hub.url)
            assert len(proxy.targets) == 1

    async def test_environments_unusable_one_is_told_without_its_password(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.setenv("http_proxy", f"gopher://user:{PASSWORD}@127.0.0.1:1")
        async with scripted_hub(WELCOMES) as hub:
            for error in await refusals(hub, "environment"):
                assert (error.reason, error.retryable) == ("proxy", False)
                assert PASSWORD not in everything_told(error)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "127.0.0.1:8080",
            "gopher://127.0.0.1:1",
            "http://127.0.0.1",
            "http://:3128",
            "http://[",
            "http://user@127.0.0.1:1",
            f"http://user:{PASSWORD}@127.0.0.1:1/path",
            f"http://user:{PASSWORD}@127.0.0.1:port",
        ],
    )
    def test_url_that_is_none_is_refused_at_once(self, url: str) -> None:
        with pytest.raises(InvalidAddressError, match="the proxy's URL") as caught:
            client("https://hub.invalid", proxy=url)
        assert PASSWORD not in str(caught.value)

    def test_socks_needs_its_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("eventshub._net.proxy.find_spec", found_nowhere)
        with pytest.raises(ImportError, match=r"eventshub\[socks\]"):
            client("https://hub.invalid", proxy="socks5://127.0.0.1:1080")


async def test_host_whose_addresses_all_refuse_is_told_in_one_sentence(
    unused_proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``localhost`` is on most machines: asyncio tells of each address."""
    port = int(unused_proxy.url.rpartition(":")[2])

    def two_addresses(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (1, 2)]

    monkeypatch.setattr(socket, "getaddrinfo", two_addresses)
    hub_object: AsyncEventsHub = client(f"http://two.invalid:{port}", proxy=None)
    for attempt in (hub_object.subscribe().__aenter__(), hub_object.clients()):
        with pytest.raises(HubUnreachableError, match=r"^nothing listens at \S+$") as caught:
            await attempt
        assert caught.value.reason == "refused"


class TestExtraHeaders:
    async def test_go_with_every_request_beside_the_credential(self) -> None:
        headers = {"X-Team": "blue", "User-Agent": "board/1"}
        async with scripted_hub(WELCOMES) as hub, raw_server(NOBODY) as rest:
            await connects(hub.url, extra_headers=headers)
            await client(rest.url, extra_headers=headers).clients()
            sent = hub.requests[0].headers
            assert (sent["X-Team"], sent["User-Agent"]) == ("blue", "board/1")
            assert sent["Authorization"].startswith("Bearer ")
            head = rest.requests[0].lower()
            assert b"x-team: blue" in head
            assert b"user-agent: board/1" in head
            assert b"authorization: bearer" in head

    @pytest.mark.parametrize(
        "name", ["Authorization", "x-api-key", "Host", "UPGRADE", "Sec-WebSocket-Key", "", "a b", "é", "a:b"]
    )
    def test_names_of_the_protocol_and_no_names_are_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="header"):
            client("https://hub.invalid", extra_headers={name: "value"})

    @pytest.mark.parametrize("value", ["a\r\nX-Forged: 1", "a\n", " leading", "\x00", "€"])
    def test_values_that_cannot_be_sent_are_refused_and_not_shown(self, value: str) -> None:
        with pytest.raises(ValueError, match="the value of the header X-Team") as caught:
            client("https://hub.invalid", extra_headers={"X-Team": value})
        assert value not in str(caught.value)

    def test_values_are_in_no_repr(self) -> None:
        hub = client("https://hub.invalid", extra_headers={"X-Secret": "hunter2"})
        assert "X-Secret" in repr(hub)
        assert "hunter2" not in repr(hub)

    async def test_values_are_in_no_log(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        async with (
            scripted_hub(WELCOMES, logger=UNHEARD) as hub,
            raw_server(NOBODY) as rest,
        ):
            await connects(hub.url, extra_headers={"X-Secret": "hunter2"})
            await client(rest.url, extra_headers={"X-Secret": "hunter2"}).clients()
        heard = [record.getMessage() for record in caplog.records if record.name != UNHEARD.name]
        assert any("X-Secret" in text for text in heard)
        assert not any("hunter2" in text for text in heard)


class TestClientCertificates:
    async def test_one_that_the_hub_trusts_opens_stream_and_calls(self, authority: Any) -> None:
        server_side, client_side = contexts(authority, wants_client=True)
        authority.issue_cert("client@example.com").configure_cert(client_side)
        async with (
            scripted_hub(WELCOMES, ssl=server_side) as hub,
            raw_server(NOBODY, ssl=server_side) as rest,
        ):
            await connects(hub.url, ssl_context=client_side)
            assert await client(rest.url, ssl_context=client_side).clients() == ()

    async def test_none_where_one_is_wanted_is_a_typed_failure(self, authority: Any) -> None:
        server_side, client_side = contexts(authority, wants_client=True)
        async with scripted_hub(WELCOMES, ssl=server_side, logger=UNHEARD) as hub:
            with pytest.raises(HubUnreachableError):
                await connects(hub.url, ssl_context=client_side)


@pytest.fixture(scope="module")
def authority() -> Any:
    return trustme.CA()


def contexts(authority: Any, *, wants_client: bool = False) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    if wants_client:
        server_side.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(server_side)
    client_side = ssl.create_default_context()
    authority.configure_trust(client_side)
    return server_side, client_side


@pytest.fixture
async def unused_proxy() -> Proxy:
    """Where a proxy was, and is no more."""
    async with http_proxy() as proxy:
        pass
    return proxy


async def refusals(hub: ScriptedHub, proxy: str) -> list[HubUnreachableError]:
    """How the stream and a REST call fail behind a proxy."""
    hub_object: AsyncEventsHub = client(hub.url, proxy=proxy)
    found: list[HubUnreachableError] = []
    for attempt in (hub_object.subscribe("pdfm").__aenter__(), hub_object.clients()):
        with pytest.raises(HubUnreachableError) as caught:
            await attempt
        found.append(caught.value)
    return found


def found_nowhere(name: str) -> None:
    return None
