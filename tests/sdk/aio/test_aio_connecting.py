"""Connecting to a scripted hub on real sockets: what is asked, what is granted."""

from __future__ import annotations

import asyncio

import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import TOKEN, Peer, client, scripted_hub, sends

from eventshub import (
    AsyncEventsHub,
    ConnectionLostError,
    NotConnectedError,
    ProtocolError,
    Timeouts,
)

pytestmark = pytest.mark.both_twins


class TestConnecting:
    async def test_asks_for_channels_with_the_credential(self) -> None:
        async with scripted_hub(sends(frames.welcome("pdfm", "health", "global"))) as hub:
            url = hub.url + "/api/"
            async with client(url).subscribe("PDFM", "health", "nope") as events:
                assert events.welcome.body.client_id == frames.CLIENT_ID
                assert events.channels == ("pdfm", "health", "global")
                assert events.channels_refused == ("nope",)
            [request] = hub.requests
            assert request.path == "/api/v1/ws/subscribe?event_types=pdfm,health,nope"
            assert request.headers["Authorization"] == f"Bearer {TOKEN}"
            assert request.headers["User-Agent"].startswith("eventshub-python/")
            assert "X-Api-Key" not in request.headers
            assert await hub.closures.get() == (1000, "")

    async def test_without_channels_asks_for_none(self) -> None:
        async with scripted_hub(sends(frames.welcome("global"))) as hub:
            async with client(hub.url).subscribe() as events:
                assert events.channels == ("global",)
            assert hub.requests[0].path == "/v1/ws/subscribe"

    async def test_reads_url_and_key_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with scripted_hub(sends(frames.welcome("global"))) as hub:
            monkeypatch.setenv("EVENTS_HUB_URL", hub.url.replace("http", "ws"))
            monkeypatch.setenv("EVENTS_HUB_API_KEY", "key:secret")
            monkeypatch.delenv("EVENTS_HUB_TOKEN", raising=False)
            async with AsyncEventsHub().subscribe():
                pass
            assert hub.requests[0].headers["X-Api-Key"] == "a2V5OnNlY3JldA=="

    async def test_asks_a_callable_at_each_connect(self) -> None:
        tokens = iter(["first", "second"])

        async def token() -> str:
            await asyncio.sleep(0)
            return next(tokens)

        async with scripted_hub(sends(frames.welcome("global"))) as hub:
            events_hub = AsyncEventsHub(hub.url, token=token)
            for _ in range(2):
                async with events_hub.subscribe():
                    pass
            sent = [request.headers["Authorization"] for request in hub.requests]
            assert sent == ["Bearer first", "Bearer second"]

    async def test_welcome_must_come_first(self) -> None:
        async with scripted_hub(sends(frames.vm_state())) as hub:
            with pytest.raises(ProtocolError, match="first frame is not the hub's welcome"):
                await client(hub.url).subscribe("pdfm").__aenter__()

    async def test_welcome_must_come_in_time(self) -> None:
        async with scripted_hub(sends()) as hub:
            with pytest.raises(ProtocolError, match=r"no welcome within 0\.05 s"):
                await client(hub.url, timeouts=Timeouts(welcome=0.05)).subscribe().__aenter__()

    async def test_connection_that_ends_before_the_welcome_is_lost(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.connection.close(1013, "try later")

        async with scripted_hub(script) as hub:
            with pytest.raises(ConnectionLostError, match=r"1013: try later") as caught:
                await client(hub.url).subscribe().__aenter__()
            assert caught.value.code_received == 1013

    async def test_subscription_is_entered_once(self) -> None:
        async with scripted_hub(sends(frames.welcome("global"))) as hub:
            subscription = client(hub.url).subscribe()
            async with subscription:
                pass
            with pytest.raises(RuntimeError, match="entered once"):
                await subscription.__aenter__()

    async def test_nothing_works_before_entering(self) -> None:
        subscription = client("http://127.0.0.1:9").subscribe()
        with pytest.raises(NotConnectedError):
            _ = subscription.welcome
        with pytest.raises(NotConnectedError):
            await subscription.ping()
        with pytest.raises(NotConnectedError):
            await anext(subscription)
        await subscription.close()


def found_nowhere(name: str) -> None:
    return None


class TestTransport:
    def test_missing_one_is_refused_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("eventshub.aio.transport.find_spec", found_nowhere)
        with pytest.raises(ImportError, match=r"eventshub\[fast\]"):
            client("https://hub.invalid", transport="picows")

    async def test_auto_does_without_what_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("eventshub.aio.transport.find_spec", found_nowhere)
        async with (
            scripted_hub(sends(frames.welcome("pdfm"))) as hub,
            client(hub.url, transport="auto").subscribe("pdfm") as events,
        ):
            assert events.channels == ("pdfm",)
