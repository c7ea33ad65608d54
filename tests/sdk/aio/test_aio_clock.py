"""All that the client waits for goes by the clock it was given."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.sdk import frames
from tests.sdk.manual_clock import ManualClock
from tests.sdk.scripted_hub import Peer, client, scripted_hub, sends

from eventshub import (
    Attempt,
    ConnectionLostError,
    Heartbeat,
    ProtocolError,
    Reconnect,
    Reconnected,
    ReplyTimeoutError,
    Timeouts,
)


async def test_welcome_has_until_its_deadline() -> None:
    clock = ManualClock()
    async with scripted_hub(Peer.until_closed) as hub:
        events = client(hub.url, clock=clock, timeouts=Timeouts(welcome=500)).subscribe("pdfm")
        entering = asyncio.create_task(events.__aenter__())
        await clock.until_waiting(500)
        clock.advance(500)
        with pytest.raises(ProtocolError, match="no welcome within 500 s"):
            await entering
    assert clock.waiting == []


async def test_reply_has_until_its_deadline() -> None:
    clock = ManualClock()
    async with (
        scripted_hub(sends(frames.welcome("health"))) as hub,
        client(hub.url, clock=clock, heartbeat=None).subscribe("health") as events,
    ):
        pinging = asyncio.create_task(events.ping(timeout=600))
        await clock.until_waiting(600)
        clock.advance(600)
        with pytest.raises(ReplyTimeoutError):
            await pinging


async def test_round_trip_is_measured_by_it() -> None:
    clock = ManualClock()

    async def slow(peer: Peer) -> None:
        await peer.send(frames.welcome("health"))
        command = await peer.command()
        clock.advance(2)
        await peer.send(frames.pong(command["id"]))
        await peer.until_closed()

    async with scripted_hub(slow) as hub, client(hub.url, clock=clock).subscribe("health") as events:
        assert await events.ping() == timedelta(seconds=2)


async def test_heartbeats_go_by_it() -> None:
    clock = ManualClock()
    heartbeat = Heartbeat(interval=3000, timeout=700)
    async with (
        scripted_hub(sends(frames.welcome("health"))) as hub,
        client(hub.url, clock=clock, heartbeat=heartbeat).subscribe("health") as events,
    ):
        await clock.until_waiting(3000)
        clock.advance(3000)
        await clock.until_waiting(700)
        clock.advance(700)
        with pytest.raises(ConnectionLostError, match="within 700 s"):
            await anext(events)
    assert clock.waiting == []


async def test_delays_and_gaps_go_by_it() -> None:
    clock = ManualClock()

    async def cut(peer: Peer) -> None:
        await peer.send(frames.welcome("pdfm"))
        if len(hub.requests) == 1:
            await peer.connection.close(1012)
        await peer.until_closed()

    def wait(attempt: Attempt) -> None:
        attempt.delay = 5000

    async with (
        scripted_hub(cut) as hub,
        client(hub.url, clock=clock, reconnect=Reconnect(on_attempt=wait)).subscribe("pdfm") as events,
    ):
        await clock.until_waiting(5000)
        clock.advance(5000)
        again = await anext(events)
        assert isinstance(again, Reconnected)
        assert again.gap == timedelta(seconds=5000)
