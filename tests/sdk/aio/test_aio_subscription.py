"""The asyncio client against a scripted hub on real sockets."""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta
from typing import Any, assert_type

import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, Script, scripted_hub
from websockets.utils import accept_key

from eventshub import (
    AsyncEventsHub,
    CommandError,
    ConnectionLostError,
    Event,
    Heartbeat,
    InvalidEvent,
    Keepalive,
    MessageDecodeError,
    NotConnectedError,
    ProtocolError,
    ReplyTimeoutError,
    Timeouts,
    UnknownEvent,
    VmStateChanged,
)

TOKEN = "hunter2-token"


def client(url: str, **changes: Any) -> AsyncEventsHub:
    return AsyncEventsHub(url, token=TOKEN, **changes)


def sends(*messages: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.send(*messages)
        await peer.until_closed()

    return script


async def answers(peer: Peer) -> None:
    await peer.send(frames.welcome("pdfm", "health", "global"))
    await peer.answer_pings()


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


class TestIterating:
    async def test_events_come_typed_and_in_order(self) -> None:
        script = sends(
            frames.welcome("pdfm", "global"),
            frames.vm_state("a"),
            frames.event("pdfm", "NEWER", {"x": 1}),
            frames.event("pdfm", "VM_STATE_CHANGED", {}),
            frames.vm_state("b"),
        )
        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            assert_type(await anext(events), Event | InvalidEvent)
            unknown, invalid, last = [await anext(events) for _ in range(3)]
        assert isinstance(unknown, UnknownEvent)
        assert isinstance(invalid, InvalidEvent)
        assert invalid.path == "$.body"
        assert isinstance(last, VmStateChanged)
        assert last.body.vm_id == "b"

    async def test_raised_decode_error_does_not_end_iterating(self) -> None:
        script = sends(frames.welcome("global"), b"{", frames.vm_state("a"))
        async with (
            scripted_hub(script) as hub,
            client(hub.url).subscribe(on_invalid="raise") as events,
        ):
            with pytest.raises(MessageDecodeError):
                await anext(events)
            event = await anext(events)
            assert_type(event, Event)
            assert isinstance(event, VmStateChanged)

    async def test_loss_comes_after_the_events_before_it(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm", "global"), frames.vm_state("a"), frames.vm_state("b"))
            await peer.connection.close(1001, "going away")

        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            await hub.closures.get()
            last = [await anext(events) for _ in range(2)]
            assert [event.body.vm_id for event in last if isinstance(event, VmStateChanged)] == ["a", "b"]
            with pytest.raises(ConnectionLostError, match="going away") as caught:
                await anext(events)
            assert (caught.value.code_received, caught.value.code_sent) == (1001, 1001)
            assert caught.value.retryable
            with pytest.raises(ConnectionLostError):
                await anext(events)
            with pytest.raises(NotConnectedError):
                await events.ping()

    async def test_connection_that_breaks_off_is_lost(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            peer.connection.transport.abort()

        async with scripted_hub(script) as hub, client(hub.url).subscribe() as events:
            with pytest.raises(ConnectionLostError, match="without a close frame") as caught:
                await anext(events)
            assert (caught.value.code_received, caught.value.code_sent) == (None, None)
            assert caught.value.retryable

    async def test_too_large_message_ends_the_connection(self) -> None:
        script = sends(frames.welcome("global"), frames.event("pdfm", "X", "y" * 5000))
        async with (
            scripted_hub(script) as hub,
            client(hub.url, max_message_size=4096).subscribe() as events,
        ):
            with pytest.raises(ConnectionLostError) as caught:
                await anext(events)
            assert caught.value.code_sent == 1009
            assert not caught.value.retryable

    async def test_several_tasks_share_the_events(self) -> None:
        count = 50
        script = sends(frames.welcome("pdfm", "global"), *(frames.vm_state(str(n)) for n in range(count)))
        seen: list[str] = []

        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:

            async def consume() -> None:
                async for event in events:
                    assert isinstance(event, VmStateChanged)
                    seen.append(event.body.vm_id)
                    await asyncio.sleep(0)
                    if len(seen) == count:
                        await events.close()

            await asyncio.gather(consume(), consume(), consume())
        assert sorted(seen, key=int) == [str(n) for n in range(count)]

    async def test_fragmented_message_is_one_event(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm", "global"))
            frame = frames.vm_state("in-pieces").decode()
            await peer.connection.send([frame[:10], frame[10:60], frame[60:]])
            await peer.send(frames.vm_state("whole"))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            both = [await anext(events) for _ in range(2)]
        assert [event.body.vm_id for event in both if isinstance(event, VmStateChanged)] == [
            "in-pieces",
            "whole",
        ]

    async def test_events_that_come_with_the_handshake_are_kept(self) -> None:
        def text_frame(payload: bytes) -> bytes:
            return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload

        early = b"".join(map(text_frame, [frames.welcome("global", "pdfm"), frames.vm_state("early")]))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            [key] = [
                line[19:] for line in head.splitlines() if line.lower().startswith("sec-websocket-key: ")
            ]
            upgrade = (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n"
            )
            writer.write(upgrade.encode() + early)
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with client(url).subscribe("pdfm") as events:
                event = await anext(events)
                assert isinstance(event, VmStateChanged)
                assert event.body.vm_id == "early"
                with pytest.raises(ConnectionLostError):
                    await anext(events)


class TestCommands:
    async def test_ping_measures_the_round_trip(self) -> None:
        async with scripted_hub(answers) as hub, client(hub.url).subscribe("health") as events:
            round_trip = await events.ping()
        assert timedelta(0) < round_trip < timedelta(seconds=5)

    async def test_client_id_is_the_hubs_answer(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("system", "global"))
            command = await peer.command()
            assert command["event_type"] == command["type"] == "system"
            assert command["message"] == "client-id"
            await peer.send(frames.vm_state())
            await peer.send(frames.reply("system", "client-id", command["id"], {"client-id": "other-id"}))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("system") as events:
            assert await events.client_id() == "other-id"
            assert isinstance(await anext(events), VmStateChanged)

    async def test_error_reply_is_raised(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            await peer.send(frames.error((await peer.command())["id"], "subscribe to health first"))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe() as events:
            with pytest.raises(CommandError, match="subscribe to health first"):
                await events.ping()

    async def test_missing_reply_is_a_timeout_and_the_stream_goes_on(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            await peer.command()
            await peer.send(frames.vm_state())
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:
            with pytest.raises(ReplyTimeoutError, match=r"no answer to ping within 0\.05 s"):
                await events.ping(timeout=0.05)
            assert isinstance(await anext(events), VmStateChanged)

    async def test_loss_fails_the_commands_that_wait(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            await peer.command()
            await peer.command()
            await peer.connection.close(1011)

        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:
            outcomes = await asyncio.gather(events.ping(), events.ping(), return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [ConnectionLostError] * 2

    async def test_cancelled_command_leaves_nothing_behind(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            first, second = await peer.command(), await peer.command()
            await peer.send(frames.pong(second["id"]), frames.pong(first["id"]))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:
            cancelled = asyncio.create_task(events.ping())
            await asyncio.sleep(0)
            cancelled.cancel()
            await events.ping()
            with pytest.raises(asyncio.CancelledError):
                await cancelled

    async def test_ping_within_the_loop_is_answered_behind_a_full_buffer(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm", "health", "global"))
            await peer.send(*(frames.vm_state(str(number)) for number in range(30)))
            await peer.send(frames.pong((await peer.command())["id"]))
            await peer.until_closed()

        async with (
            scripted_hub(script) as hub,
            client(hub.url, buffer_size=16).subscribe("pdfm", "health") as events,
        ):
            first = await anext(events)
            assert isinstance(first, VmStateChanged)
            assert await events.ping(timeout=5) > timedelta(0)
            rest = [await anext(events) for _ in range(29)]
            assert [event.body.vm_id for event in rest if isinstance(event, VmStateChanged)] == [
                str(number) for number in range(1, 30)
            ]


class TestHeartbeats:
    async def test_dead_connection_is_noticed(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            await peer.until_closed()

        heartbeat = Heartbeat(interval=0.02, timeout=0.05)
        async with (
            scripted_hub(script) as hub,
            client(hub.url, heartbeat=heartbeat).subscribe("health") as events,
        ):
            with pytest.raises(ConnectionLostError, match="heartbeat was not answered"):
                await anext(events)
            await hub.closures.get()

    async def test_answered_heartbeats_are_no_events(self) -> None:
        beats = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            for _ in range(3):
                await peer.send(frames.pong((await peer.command())["id"]))
            beats.set()
            await peer.send(frames.vm_state())
            await peer.answer_pings()

        heartbeat = Heartbeat(interval=0.02, timeout=5)
        async with (
            scripted_hub(script) as hub,
            client(hub.url, heartbeat=heartbeat).subscribe("health") as events,
        ):
            await beats.wait()
            assert isinstance(await anext(events), VmStateChanged)

    async def test_websocket_pings_notice_a_dead_connection_on_any_channel(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            peer.connection.transport.pause_reading()
            await asyncio.sleep(1)

        keepalive = Keepalive(interval=0.05, timeout=0.1)
        async with (
            scripted_hub(script, ping_interval=None, close_timeout=0.1) as hub,
            client(hub.url, keepalive=keepalive).subscribe() as events,
        ):
            with pytest.raises(ConnectionLostError, match="keepalive ping timeout") as caught:
                await anext(events)
            assert (caught.value.code_received, caught.value.code_sent) == (None, 1011)
            assert caught.value.retryable


class TestBackpressure:
    async def test_slow_consumer_stops_the_hub_and_gets_everything(self) -> None:
        # Well above what the sockets' own buffers hold.
        count, padding = 300, "x" * 100_000
        sent = 0

        async def script(peer: Peer) -> None:
            nonlocal sent
            await peer.send(frames.welcome("pdfm", "global"))
            for number in range(count):
                await peer.send(frames.event("pdfm", "BIG", {"n": number, "padding": padding}))
                sent = number + 1
            await peer.until_closed()

        async with (
            scripted_hub(script) as hub,
            client(hub.url, buffer_size=8).subscribe("pdfm") as events,
        ):
            await anext(events)
            before = -1
            while before != sent:
                before = sent
                await asyncio.sleep(0.1)
            assert sent < count
            rest = [await anext(events) for _ in range(count - 1)]
            assert [event.payload["body"]["n"] for event in rest] == list(range(1, count))

    @pytest.mark.parametrize("buffer_size", [1, 2, 3])
    async def test_smallest_buffers_lose_nothing(self, buffer_size: int) -> None:
        messages = [frames.vm_state(str(number)) for number in range(200)]
        async with (
            scripted_hub(sends(frames.welcome("pdfm", "global"), *messages)) as hub,
            client(hub.url, buffer_size=buffer_size).subscribe("pdfm") as events,
        ):
            assert [(await anext(events)).raw for _ in messages] == messages

    async def test_closing_is_quick_behind_a_full_buffer(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm", "global"))
            while True:
                await peer.send(frames.vm_state())

        loop = asyncio.get_running_loop()
        async with scripted_hub(script) as hub:
            async with client(hub.url, buffer_size=8).subscribe("pdfm") as events:
                await anext(events)
                await asyncio.sleep(0.1)
                started = loop.time()
            assert loop.time() - started < 2


class TestEnding:
    async def test_close_ends_iterating_at_once(self) -> None:
        script = sends(frames.welcome("pdfm", "global"), *([frames.vm_state()] * 100))
        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            seen = 0
            async for _ in events:
                seen += 1
                if seen == 3:
                    await events.close()
            assert seen == 3
            await events.close()
            with pytest.raises(NotConnectedError):
                await events.ping()

    async def test_close_wakes_who_waits(self) -> None:
        script = sends(frames.welcome("health", "global"))
        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:

            async def read() -> int:
                return len([event async for event in events])

            reading = asyncio.create_task(read())
            pinging = asyncio.create_task(events.ping())
            await asyncio.sleep(0.05)
            await events.close()
            assert await reading == 0
            with pytest.raises(NotConnectedError):
                await pinging

    async def test_nothing_outlives_the_context_manager(self) -> None:
        async with scripted_hub(answers) as hub:
            before = asyncio.all_tasks()
            async with client(hub.url).subscribe("health") as events:
                await events.ping()
            await hub.closures.get()
            gc.collect()
            left = asyncio.all_tasks() - before
            assert not [task for task in left if "eventshub" in task.get_name()]

    @pytest.mark.parametrize("delay", [0, 0.001, 0.005, 0.02, 0.05])
    async def test_cancelling_is_safe_at_any_point(self, delay: float) -> None:
        async def script(peer: Peer) -> None:
            await asyncio.sleep(0.01)
            await peer.send(frames.welcome("health", "global"))
            await peer.answer_pings()

        async def use(url: str) -> None:
            async with client(url).subscribe("health") as events:
                while True:
                    await events.ping()

        async with scripted_hub(script) as hub:
            task = asyncio.create_task(use(hub.url))
            await asyncio.sleep(delay)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gc.collect()
            assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("eventshub")]

    async def test_cancelling_the_close_cuts_the_connection(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            peer.connection.transport.pause_reading()
            await asyncio.sleep(1)

        async with scripted_hub(script, close_timeout=0.1) as hub:
            subscription = client(hub.url).subscribe()
            await subscription.__aenter__()
            closing = asyncio.create_task(subscription.close())
            await asyncio.sleep(0.05)
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing

    async def test_exception_of_the_application_passes_through(self) -> None:
        async with scripted_hub(sends(frames.welcome("global"))) as hub:
            with pytest.raises(ZeroDivisionError):
                async with client(hub.url).subscribe():
                    _ = 1 / 0
            assert await hub.closures.get() == (1000, "")
