"""Frames as no library would send them: one behaviour, whichever transport reads them."""

from __future__ import annotations

import asyncio

import pytest
from tests.sdk import frames
from tests.sdk.raw_frames import BINARY, CLOSE, CONTINUATION, FINAL, PING, client_frame, frame, raw_hub
from tests.sdk.scripted_hub import client

from eventshub import (
    AsyncSubscription,
    Connected,
    ConnectionLostError,
    Disconnected,
    Event,
    Gap,
    InvalidEvent,
    Reconnect,
    Reconnected,
    Timeouts,
    VmRemoved,
    VmStateChanged,
)

Events = AsyncSubscription[Event | InvalidEvent | Gap]

WELCOME = frame(frames.welcome("pdfm", "global"))
EVENT = frame(frames.vm_state("before"))


async def loss(events: Events) -> ConnectionLostError:
    with pytest.raises(ConnectionLostError) as caught:
        await anext(events)
    return caught.value


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(frames.vm_state(), flags=FINAL | 0x40), 1002),
        (frame(frames.vm_state(), CONTINUATION), 1002),
        (frame(b"{", flags=0) + frame(frames.vm_state()), 1002),
        (frame(frames.vm_state(), mask=0x80), 1002),
        (frame(b"", 3), 1002),
        (frame(b"", PING, flags=0), 1002),
        (frame(b"\3", CLOSE), 1002),
        (frame((1006).to_bytes(2, "big"), CLOSE), 1002),
        (frame((1000).to_bytes(2, "big") + b"\xff", CLOSE), 1007),
        (frame(frames.vm_state("caf?").replace(b"?", b"\xe9")), 1007),
        (frame(frames.vm_state("v" * 200).replace(b"vvv", b"\xed\xa0\x80")), 1007),
        (frame(b'{"a": "\xe2\x82', flags=0) + frame(b'"}', CONTINUATION), 1007),
        (frame(b" " * 3000, flags=0) + frame(b" " * 3000, CONTINUATION), 1009),
        (frame(b" " * 5000), 1009),
    ],
    ids=[
        "reserved bit",
        "continuation of nothing",
        "text within a message",
        "masked",
        "unknown kind",
        "ping in pieces",
        "close with half a code",
        "close with a code for no close",
        "close with a reason that is no text",
        "text in Latin-1",
        "text with half a surrogate",
        "pieces that are no UTF-8 together",
        "pieces too large together",
        "too large",
    ],
)
async def test_what_breaks_the_framing_ends_the_connection(sent: bytes, code: int) -> None:
    """What came before is kept, what comes after means nothing, and the hub is told."""
    told: list[tuple[int, bytes]] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + EVENT + sent + EVENT)
        told.append(await client_frame(reader))
        writer.write(EVENT)

    async with raw_hub(script) as url:
        events = await client(url, max_message_size=4096).subscribe("pdfm").__aenter__()
        assert isinstance(await anext(events), VmStateChanged)
        error = await loss(events)
        await events.close()
    assert (error.code_received, error.code_sent) == (None, code)
    [(kind, payload)] = told
    assert (kind, int.from_bytes(payload[:2], "big")) == (CLOSE, code)


@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        ((4001).to_bytes(2, "big") + "bye ✓".encode(), 4001, "bye ✓"),
        ((1012).to_bytes(2, "big"), 1012, ""),
        (b"", 1005, ""),
    ],
    ids=["private code", "no reason", "no code"],
)
async def test_close_frame_is_echoed(payload: bytes, code: int, reason: str) -> None:
    told: list[tuple[int, bytes]] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + frame(payload, CLOSE) + EVENT)
        told.append(await client_frame(reader))

    async with raw_hub(script) as url:
        events = await client(url).subscribe("pdfm").__aenter__()
        error = await loss(events)
        await events.close()
    assert (error.code_received, error.reason_received, error.code_sent) == (code, reason, code)
    assert told == [(CLOSE, payload)]


async def test_peer_that_never_ends_the_connection_is_cut() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + frame((1001).to_bytes(2, "big"), CLOSE))
        await reader.read()

    async with raw_hub(script) as url:
        events = await client(url, timeouts=Timeouts(close=0.05)).subscribe("pdfm").__aenter__()
        assert (await loss(events)).code_received == 1001
        await events.close()


async def test_ping_is_answered_and_binary_is_read_like_text() -> None:
    told: list[tuple[int, bytes]] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + frame(b"are you there", PING) + frame(frames.vm_state("binary"), BINARY))
        told.append(await client_frame(reader))
        await client_frame(reader)

    async with raw_hub(script) as url, client(url).subscribe("pdfm") as events:
        assert isinstance(await anext(events), VmStateChanged)
    assert told == [(10, b"are you there")]


@pytest.mark.both_twins
@pytest.mark.parametrize("size", [10, 70_000])
async def test_text_that_is_not_utf8_costs_the_connection_and_not_the_stream(size: int) -> None:
    told: list[tuple[int, bytes]] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if told:
            writer.write(WELCOME + EVENT)
        else:
            writer.write(WELCOME + frame(frames.vm_state("v" * size).replace(b"v", b"\xff", 1)))
        told.append(await client_frame(reader))

    async with (
        raw_hub(script) as url,
        client(url, reconnect=Reconnect(min_delay=0.01)).subscribe("pdfm", notices="all") as events,
    ):
        notices = [await anext(events) for _ in range(3)]
        assert isinstance(await anext(events), VmStateChanged)
    match notices:
        case [Connected(), Disconnected(error=ConnectionLostError() as error), Reconnected(attempts=1)]:
            assert str(error) == "the connection was given up (1007: a text message that is not UTF-8)"
            assert error.retryable
        case _:
            raise AssertionError(notices)
    assert [int.from_bytes(payload[:2], "big") for _, payload in told] == [1007, 1000]


async def test_characters_of_several_bytes_may_be_cut_between_pieces() -> None:
    message = frames.event("pdfm", "VM_REMOVED", {"vm_id": "HERE"}).replace(b"HERE", "✓".encode())
    middle = message.index("✓".encode()) + 1

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + frame(message[:middle], flags=0) + frame(message[middle:], CONTINUATION))
        writer.write(frame(message))
        await client_frame(reader)

    async with raw_hub(script) as url, client(url).subscribe("pdfm") as events:
        received = [await anext(events), await anext(events)]
    assert [event.raw for event in received if isinstance(event, VmRemoved)] == [message, message]


async def test_bytes_that_are_no_text_are_an_invalid_event_in_a_binary_message() -> None:
    """Only of text does RFC 6455 promise that it is UTF-8."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + frame(b"\xff", BINARY) + frame(b"\xff", BINARY, flags=0))
        writer.write(frame(b"\xfe", CONTINUATION) + EVENT)
        await client_frame(reader)

    async with raw_hub(script) as url, client(url).subscribe("pdfm") as events:
        received = [await anext(events) for _ in range(3)]
    assert [type(event) for event in received] == [InvalidEvent, InvalidEvent, VmStateChanged]


@pytest.mark.parametrize("size", [10, 1000, 70_000, 300_000])
async def test_messages_of_all_sizes_in_all_cuts(size: int) -> None:
    """Each message may end anywhere within what one read brings."""
    long = frames.vm_state("v" * size)
    stream = WELCOME + frame(long) + frame(long[:7], flags=0) + frame(long[7:], CONTINUATION) + EVENT
    step = max(1, len(stream) // 97)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(stream), step):
            writer.write(stream[start : start + step])
            await writer.drain()
            await asyncio.sleep(0)
        await client_frame(reader)

    async with raw_hub(script) as url, client(url).subscribe("pdfm") as events:
        received = [await anext(events) for _ in range(3)]
    assert [event.raw for event in received if isinstance(event, VmStateChanged)] == [
        long,
        long,
        frames.vm_state("before"),
    ]


async def test_sink_that_is_full_at_once_pauses_what_comes_with_the_handshake() -> None:
    """Reading stops where the buffer is full, even when that is within the very first read."""
    blocks = 400

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + EVENT * 5)
        for _ in range(blocks):
            writer.write(EVENT * 50)
            await writer.drain()
        await client_frame(reader)

    async with raw_hub(script) as url, client(url, buffer_size=2).subscribe("pdfm") as events:
        most = 0
        for _ in range(5 + 50 * blocks):
            await anext(events)
            most = max(most, len(events._items))  # pyright: ignore[reportPrivateUsage] - nothing else tells
            await asyncio.sleep(0)
    # One read at the most, of the 256 KiB that asyncio takes at once.
    assert most < 256 * 1024 / len(EVENT) + 10 < 50 * blocks / 4
