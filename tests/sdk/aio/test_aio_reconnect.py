"""Staying connected, against small servers on real sockets."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, assert_type, cast
from unittest.mock import create_autospec

import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, Script, client, http_answer, raw_server, scripted_hub
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from eventshub import (
    AsyncSubscription,
    Attempt,
    AuthenticationError,
    BufferOverflowError,
    Connected,
    ConnectionConflictError,
    ConnectionLostError,
    Disconnected,
    Dropped,
    Event,
    HubUnreachableError,
    InvalidEvent,
    NotConnectedError,
    Notice,
    Reconnect,
    Reconnected,
    VmStateChanged,
)
from eventshub.aio.transport import FrameSink, Transport

pytestmark = pytest.mark.both_twins

QUICK = Reconnect(min_delay=0.01, max_delay=0.05)


def one_after_the_other(*scripts: Script) -> Script:
    """Each connection gets the next script, and ends with it; the last script stays."""
    waiting = list(scripts)

    async def script(peer: Peer) -> None:
        await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(peer)

    return script


def welcomes(client_id: str, *messages: bytes, code: int | None = 1012, channels: Any = ("pdfm",)) -> Script:
    """Send and close; with ``code=None`` stay."""

    async def script(peer: Peer) -> None:
        body = {"client_id": client_id, "subscriptions": [*channels, "global"]}
        await peer.send(frames.welcome(body=body), *messages)
        if code is None:
            await peer.until_closed()
        await peer.connection.close(code or 1000)

    return script


def refuses(*statuses: int) -> Any:
    """Handshakes 2, 3, … are answered with these."""
    waiting = [None, *statuses]

    def process_request(connection: ServerConnection, request: Request) -> Response | None:
        status = waiting.pop(0) if waiting else None
        return None if status is None else connection.respond(HTTPStatus(status), "no\n")

    return process_request


def shape(item: object) -> object:
    return item.body.vm_id if isinstance(item, VmStateChanged) else type(item)


class TestNotices:
    async def test_all_come_in_order_with_the_events(self) -> None:
        script = one_after_the_other(
            welcomes("one", frames.vm_state("a")), welcomes("two", frames.vm_state("b"), code=None)
        )
        async with (
            scripted_hub(script) as hub,
            client(hub.url, reconnect=QUICK).subscribe("pdfm", notices="all") as events,
        ):
            items = [await anext(events) for _ in range(5)]
            assert_type(items, list[Event | InvalidEvent | Notice])
            assert events.welcome.body.client_id == "two"
        assert [shape(item) for item in items] == [Connected, "a", Disconnected, Reconnected, "b"]
        first, _, lost, again, _ = items
        assert isinstance(first, Connected)
        assert (first.client_id, first.channels) == ("one", ("pdfm", "global"))
        assert isinstance(lost, Disconnected)
        assert isinstance(lost.error, ConnectionLostError)
        assert lost.error.code_received == 1012
        assert isinstance(again, Reconnected)
        assert (again.client_id, again.channels, again.attempts) == ("two", ("pdfm", "global"), 1)
        assert timedelta(0) < again.gap < timedelta(seconds=5)

    @pytest.mark.parametrize(
        ("notices", "expected"), [("gaps", ["a", Reconnected, "b"]), ("none", ["a", "b"])]
    )
    async def test_gap_is_told_unless_unwanted(self, notices: Any, expected: list[object]) -> None:
        script = one_after_the_other(
            welcomes("one", frames.vm_state("a")), welcomes("two", frames.vm_state("b"), code=None)
        )
        async with scripted_hub(script) as hub:
            # Which overload it is depends on the parameter.
            subscribe = cast(
                "Callable[..., AsyncSubscription[object]]", client(hub.url, reconnect=QUICK).subscribe
            )
            async with subscribe("pdfm", notices=notices) as events:
                assert [shape(await anext(events)) for _ in expected] == expected

    async def test_attempts_are_counted_over_refusals(self) -> None:
        script = one_after_the_other(welcomes("one"), welcomes("two", code=None))
        async with (
            scripted_hub(script, process_request=refuses(409, 503, 500)) as hub,
            client(hub.url, reconnect=QUICK).subscribe("pdfm") as events,
        ):
            again = await anext(events)
        assert isinstance(again, Reconnected)
        assert again.attempts == 4


class TestEnding:
    async def test_refused_credential_ends_the_stream(self) -> None:
        script = welcomes("one", frames.vm_state("a"))
        async with (
            scripted_hub(script, process_request=refuses(401)) as hub,
            client(hub.url, reconnect=QUICK).subscribe("pdfm") as events,
        ):
            assert shape(await anext(events)) == "a"
            for _ in range(2):
                with pytest.raises(AuthenticationError):
                    await anext(events)

    async def test_expired_credential_is_renewed_once(self) -> None:
        asked: list[str] = []

        def token() -> str:
            asked.append(f"token-{len(asked)}")
            return asked[-1]

        script = one_after_the_other(welcomes("one", code=1008), welcomes("two", code=None))
        async with scripted_hub(script) as hub:
            async with client(hub.url, reconnect=QUICK, token=token).subscribe("pdfm") as events:
                assert isinstance(await anext(events), Reconnected)
            sent = [request.headers["Authorization"] for request in hub.requests]
        assert sent == ["Bearer token-0", "Bearer token-1"]

    async def test_credential_refused_at_first_is_renewed_once(self) -> None:
        tokens = iter(["stale", "fresh", "not asked for"])

        def process_request(connection: ServerConnection, request: Request) -> Response | None:
            stale = request.headers["Authorization"] == "Bearer stale"
            return connection.respond(HTTPStatus.UNAUTHORIZED, "no\n") if stale else None

        script = welcomes("one", code=None)
        async with (
            scripted_hub(script, process_request=process_request) as hub,
            client(hub.url, reconnect=QUICK, token=lambda: next(tokens)).subscribe("pdfm") as events,
        ):
            assert events.welcome.body.client_id == "one"
        assert next(tokens) == "not asked for"

    async def test_conflict_ends_the_stream_when_its_budget_is_spent(self) -> None:
        settings = Reconnect(min_delay=0.01, max_delay=0.01, conflict_budget=0.05)
        async with (
            scripted_hub(welcomes("one"), process_request=refuses(*([409] * 1000))) as hub,
            client(hub.url, reconnect=settings).subscribe("pdfm") as events,
        ):
            with pytest.raises(ConnectionConflictError):
                await anext(events)

    async def test_first_failure_is_raised_at_once(self) -> None:
        async with raw_server(http_answer("503 Service Unavailable")) as server:
            with pytest.raises(Exception, match="503"):
                await client(server.url, reconnect=QUICK).subscribe("pdfm").__aenter__()
            assert len(server.requests) == 1

    async def test_first_connection_is_tried_again_on_request(self) -> None:
        settings = Reconnect(min_delay=0.01, max_delay=0.01, from_start=True)
        process_request = refuses(503)
        process_request(None, None)
        async with (
            scripted_hub(welcomes("one", code=None), process_request=process_request) as hub,
            client(hub.url, reconnect=settings).subscribe("pdfm", notices="all") as events,
        ):
            assert isinstance(await anext(events), Connected)

    @pytest.mark.parametrize("delay", [0.0, 30.0])
    async def test_closing_while_disconnected_is_quick_and_complete(self, delay: float) -> None:
        def wait(attempt: Attempt) -> None:
            attempt.delay = delay

        settings = Reconnect(on_attempt=wait)
        script = welcomes("one", channels=["health"])
        async with scripted_hub(script, process_request=refuses(*([503] * 100_000))) as hub:
            async with client(hub.url, reconnect=settings).subscribe("health", notices="all") as events:
                assert isinstance(await anext(events), Connected)
                assert isinstance(await anext(events), Disconnected)
                reading = asyncio.create_task(anext(events))
                with pytest.raises(NotConnectedError) as between:
                    await events.ping()
                assert between.value.retryable
                await asyncio.sleep(0.02)
                await asyncio.wait_for(events.close(), 2)
                with pytest.raises(NotConnectedError) as closed:
                    await events.ping()
                assert not closed.value.retryable
                with pytest.raises(StopAsyncIteration):
                    await reading
            gc.collect()
            assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("eventshub")]

    async def test_lost_and_cancelled_while_entering_it_connects_no_more(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        transport = create_autospec(Transport)
        welcome = frames.welcome(body={"client_id": "one", "subscriptions": ["pdfm", "global"]})

        def start(sink: FrameSink) -> None:
            def welcome_lose_and_cancel() -> None:
                sink.frame_received(welcome)
                sink.connection_lost(ConnectionLostError("cut"))
                entering.cancel()

            asyncio.get_running_loop().call_soon(welcome_lose_and_cancel)

        transport.start = start

        async def connect(*_: object) -> Transport:
            return cast("Transport", transport)

        async def enter() -> None:
            async with client("ws://hub.invalid", reconnect=QUICK).subscribe("pdfm"):
                pass

        monkeypatch.setattr("eventshub.aio.connector.open_transport", connect)
        entering = asyncio.create_task(enter())
        with pytest.raises(asyncio.CancelledError):
            await entering
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("eventshub")]

    @pytest.mark.parametrize("delay", [0.0, 0.005, 0.02, 0.06])
    async def test_cancelling_is_safe_at_any_point(self, delay: float) -> None:
        async def use(url: str) -> None:
            async with client(url, reconnect=QUICK).subscribe("pdfm") as events:
                async for _ in events:
                    pass

        async with scripted_hub(welcomes("again and again", frames.vm_state())) as hub:
            task = asyncio.create_task(use(hub.url))
            await asyncio.sleep(delay)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gc.collect()
            assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("eventshub")]


class TestHook:
    async def test_sees_every_attempt_and_changes_where_and_what(self) -> None:
        seen: list[tuple[int, type[Exception], tuple[str, ...]]] = []

        async with scripted_hub(welcomes("two", code=None, channels=["health"])) as other:

            def look(attempt: Attempt) -> None:
                seen.append((attempt.number, type(attempt.error), attempt.channels))
                attempt.delay = 0
                if attempt.number == 2:
                    attempt.url = other.url
                    attempt.channels = ("health",)

            async with scripted_hub(welcomes("one"), process_request=refuses(503)) as hub:
                settings = Reconnect(on_attempt=look)
                async with client(hub.url, reconnect=settings).subscribe("pdfm") as events:
                    assert isinstance(await anext(events), Reconnected)
                    assert events.channels == ("health", "global")
            assert [request.path for request in other.requests] == ["/v1/ws/subscribe?event_types=health"]
        assert [number for number, _, _ in seen] == [1, 2]
        assert seen[0][1:] == (ConnectionLostError, ("pdfm",))

    async def test_stops(self) -> None:
        settings = Reconnect(on_attempt=Attempt.stop)
        async with (
            scripted_hub(welcomes("one")) as hub,
            client(hub.url, reconnect=settings).subscribe("pdfm") as events,
        ):
            with pytest.raises(ConnectionLostError):
                await anext(events)

    async def test_its_exception_reaches_who_iterates(self) -> None:
        def fail(attempt: Attempt) -> None:
            raise ZeroDivisionError(str(attempt.number))

        async with scripted_hub(welcomes("one")) as hub:
            reconnect = Reconnect(on_attempt=fail)
            async with client(hub.url, reconnect=reconnect).subscribe("pdfm") as events:
                with pytest.raises(ZeroDivisionError):
                    await anext(events)


class TestFullBuffer:
    async def test_oldest_are_dropped_and_counted(self) -> None:
        messages = [frames.vm_state(str(number)) for number in range(100)]
        async with (
            scripted_hub(welcomes("one", *messages, frames.event("health", "pong"), code=None)) as hub,
            client(hub.url, buffer_size=8, when_full="drop_oldest").subscribe("pdfm") as events,
        ):
            while events.dropped < 93:  # noqa: ASYNC110 - what is not taken is what this is about
                await asyncio.sleep(0.01)
            assert await anext(events) == Dropped(count=93)
            assert [shape(await anext(events)) for _ in range(7)] == [str(n) for n in range(93, 100)]

    async def test_overflow_ends_the_stream_after_what_waits(self) -> None:
        messages = [frames.vm_state(str(number)) for number in range(100)]
        async with scripted_hub(welcomes("one", *messages, code=None)) as hub:
            options: Any = {"buffer_size": 8, "when_full": "fail", "reconnect": QUICK}
            async with client(hub.url, **options).subscribe("pdfm") as events:
                await hub.closures.get()
                assert [shape(await anext(events)) for _ in range(9)] == [str(n) for n in range(9)]
                with pytest.raises(BufferOverflowError, match="more than 8"):
                    await anext(events)

    async def test_no_new_connection_fills_a_full_buffer(self) -> None:
        messages = [frames.vm_state(str(number)) for number in range(8)]
        script = one_after_the_other(welcomes("one", *messages), welcomes("two", *messages))
        async with (
            scripted_hub(script) as hub,
            client(hub.url, reconnect=QUICK, buffer_size=8).subscribe("pdfm") as events,
        ):
            await asyncio.sleep(0.2)
            assert len(hub.requests) == 1
            items = [shape(await anext(events)) for _ in range(17)]
        assert items == [*map(str, range(8)), Reconnected, *map(str, range(8))]


async def test_without_reconnect_nothing_listens_is_a_loss() -> None:
    async with (
        scripted_hub(welcomes("one")) as hub,
        client(hub.url).subscribe("pdfm", notices="all") as events,
    ):
        assert isinstance(await anext(events), Connected)
        assert isinstance(await anext(events), Disconnected)
        with pytest.raises(ConnectionLostError):
            await anext(events)


async def test_hub_that_is_gone_for_good_is_given_up_after_the_attempts() -> None:
    settings = Reconnect(min_delay=0.01, max_delay=0.01, max_attempts=3)
    async with scripted_hub(welcomes("one", code=None)) as hub:
        subscription = client(hub.url, reconnect=settings).subscribe("pdfm")
        events = await subscription.__aenter__()
    with pytest.raises(HubUnreachableError):
        await anext(events)
    await events.close()
