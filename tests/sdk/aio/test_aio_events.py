"""Events from a scripted hub on real sockets: typed, in order, none lost."""

from __future__ import annotations

import asyncio
from traceback import format_exception
from typing import assert_type

import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, client, scripted_hub, sends
from websockets.utils import accept_key

from eventshub import (
    ConnectionLostError,
    Event,
    Gap,
    InvalidEvent,
    MessageDecodeError,
    NotConnectedError,
    Timeouts,
    UnknownEvent,
    VmStateChanged,
)

pytestmark = pytest.mark.both_twins


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
            assert_type(await anext(events), Event | InvalidEvent | Gap)
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
            assert_type(event, Event | Gap)
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
            # How this client takes events from its buffer is no part of the story.
            assert "IndexError" not in "".join(format_exception(caught.value))
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
            client(hub.url, buffer_size=8).subscribe("pdfm", notices="none") as events,
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
            client(hub.url, buffer_size=buffer_size).subscribe("pdfm", notices="none") as events,
        ):
            assert [(await anext(events)).raw for _ in messages] == messages

    async def test_closing_is_quick_behind_a_full_buffer(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm", "global"))
            while True:
                await peer.send(frames.vm_state())

        loop = asyncio.get_running_loop()
        async with scripted_hub(script) as hub:
            patient = client(hub.url, buffer_size=8, timeouts=Timeouts(close=60))
            async with patient.subscribe("pdfm") as events:
                await anext(events)
                await asyncio.sleep(0.1)
                started = loop.time()
            assert loop.time() - started < 20
