"""Tests with virtual time: what takes minutes takes milliseconds, and nobody who is alive is lost."""

from __future__ import annotations

import time

import pytest
from websockets.sync.client import connect

from eventshub import AsyncEventsHub
from eventshub_mockserver import HubForTests

pytestmark = pytest.mark.events_hub(virtual_time=True)


def address(hub: HubForTests, channels: str = "pdfm") -> str:
    return f"{hub.ws_url}/v1/ws/subscribe?event_types={channels}&access_token={hub.token}"


def test_a_client_that_answers_pings_outlives_hours(events_hub: HubForTests) -> None:
    with connect(address(events_hub)):
        client_id = events_hub.assert_subscribed({"pdfm"})
        started = time.monotonic()
        events_hub.advance(3600)
        assert time.monotonic() - started < 10
        assert events_hub.assert_subscribed({"pdfm"}) == client_id
        pings = [e.elapsed for e in events_hub.journal if e.kind == "ping"]
        assert len(pings) == 120


async def test_its_client_keeps_its_heartbeat(events_hub: HubForTests) -> None:
    async with AsyncEventsHub(events_hub.url, token=events_hub.token, clock=events_hub.clock) as hub:
        async with hub.subscribe("health") as events:
            await events_hub.aio.advance(600)
            assert len(events_hub.journal.received("health", "ping")) == 20
            assert len(events_hub.journal.handshakes()) == 1


async def test_reconnect(events_hub: HubForTests) -> None:
    started = time.monotonic()
    async with AsyncEventsHub(events_hub.url, token=events_hub.token, clock=events_hub.clock) as hub:
        async with hub.subscribe("health", "pdfm", notices="all") as events:
            for n in range(5):
                events_hub.close_connections(1012)
                await events_hub.aio.advance(60)
                await events_hub.aio.expect_reconnect(within=60)
            assert len(events_hub.journal.handshakes(101)) == 6
    print(time.monotonic() - started)
