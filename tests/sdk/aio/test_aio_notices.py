"""What the stream tells of channels, repeats and sleep, on both twins."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sdk import frames
from tests.sdk.manual_clock import ManualClock
from tests.sdk.scripted_hub import Peer, Script, client, scripted_hub, sends

from eventshub import (
    ChannelsRefused,
    Connected,
    ConnectionLostError,
    Disconnected,
    Keepalive,
    Reconnect,
    Reconnected,
    UnknownEvent,
    VmStateChanged,
)

pytestmark = pytest.mark.both_twins

QUICK = Reconnect(min_delay=0.01, max_delay=0.01)


def cut_once(*messages: bytes, granted: tuple[str, ...] = ("pdfm",)) -> Script:
    """Every connection is sent the same; the first is closed after it."""
    connections = 0

    async def script(peer: Peer) -> None:
        nonlocal connections
        connections += 1
        await peer.send(frames.welcome(*granted), *messages)
        if connections == 1:
            await peer.connection.close(1012)
        await peer.until_closed()

    return script


class TestRefusedChannels:
    async def test_are_told_with_every_connection(self) -> None:
        refused = ChannelsRefused(channels=("nope",), granted=("pdfm",))
        async with (
            scripted_hub(cut_once(frames.vm_state())) as hub,
            client(hub.url, reconnect=QUICK).subscribe("pdfm", "nope") as events,
        ):
            items = [await anext(events) for _ in range(5)]
        assert items[0] == items[3] == refused
        assert [type(item) for item in items] == [
            ChannelsRefused,
            VmStateChanged,
            Reconnected,
            ChannelsRefused,
            VmStateChanged,
        ]

    async def test_come_after_the_connection(self) -> None:
        async with (
            scripted_hub(sends(frames.welcome("pdfm"))) as hub,
            client(hub.url).subscribe("pdfm", "nope", notices="all") as events,
        ):
            assert [type(await anext(events)) for _ in range(2)] == [Connected, ChannelsRefused]

    async def test_are_not_told_when_unwanted(self) -> None:
        async with (
            scripted_hub(sends(frames.welcome("pdfm"), frames.vm_state())) as hub,
            client(hub.url).subscribe("pdfm", "nope", notices="none") as events,
        ):
            assert isinstance(await anext(events), VmStateChanged)
            assert events.channels_refused == ("nope",)


class TestRepeats:
    @pytest.mark.parametrize("deduplicate", [True, False])
    async def test_are_dropped_across_connections_on_request(self, *, deduplicate: bool) -> None:
        messages = [frames.event("pdfm", "NEW", id=event_id) for event_id in ("a", "b", "a")]
        got: list[Any] = []
        async with (
            scripted_hub(cut_once(*messages)) as hub,
            client(hub.url, reconnect=QUICK).subscribe("pdfm", deduplicate=deduplicate) as events,
        ):
            async for item in events:
                got.append(item.payload["id"] if isinstance(item, UnknownEvent) else type(item))
                if got.count(Reconnected) == 1 and (deduplicate or len(got) == 7):
                    break
        assert got == (["a", "b", Reconnected] if deduplicate else [*"aba", Reconnected, *"aba"])


class TestSuspension:
    async def test_sleep_is_a_loss_and_the_connection_is_made_again_at_once(self) -> None:
        clock = ManualClock()
        async with (
            scripted_hub(sends(frames.welcome("pdfm"))) as hub,
            client(hub.url, clock=clock, reconnect=Reconnect(min_delay=20, max_delay=20)).subscribe(
                "pdfm", notices="all"
            ) as events,
        ):
            assert isinstance(await anext(events), Connected)
            await clock.until_waiting(5)
            clock.advance(5)
            await clock.until_waiting(5)
            clock.wall += 3600
            clock.advance(5)
            lost, again = await anext(events), await anext(events)
        assert isinstance(lost, Disconnected)
        assert isinstance(lost.error, ConnectionLostError)
        assert lost.error.after_suspension
        assert "slept for 3600 s" in str(lost.error)
        assert isinstance(again, Reconnected)
        assert len(hub.requests) == 2
        assert clock.waiting == []

    @pytest.mark.parametrize("keepalive", [None, Keepalive(suspension=None)])
    async def test_is_not_watched_when_unwanted(self, keepalive: Keepalive | None) -> None:
        clock = ManualClock()
        async with (
            scripted_hub(sends(frames.welcome("pdfm"))) as hub,
            client(hub.url, clock=clock, keepalive=keepalive).subscribe("pdfm"),
        ):
            assert clock.waiting == []
