"""The figures for Prometheus: read by its own parser, and right."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.mockserver.core_harness import VM
from tests.mockserver.settings import CLAIMLESS, READER, until

from eventshub_mockserver import HubServer, VirtualClock

BEARER = {"Authorization": f"Bearer {READER}"}


async def scrape(hub: HubServer, **headers: str) -> dict[tuple[str, str], float]:
    """Every sample by its name and its label's value."""
    async with httpx.AsyncClient(base_url=hub.url, headers=headers or BEARER) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name.removeprefix("eventshub_"), next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_what_goes_on_is_counted(start_hub: Any, subscribe: Any, dial: Any) -> None:
    hub = await start_hub(connections_per_address=2)
    peer = await subscribe(hub, "pdfm,health")
    other = await subscribe(hub, "health")
    hub.publish("pdfm", "VM_STATE_CHANGED", VM)
    hub.publish("nowhere", "NOTHING", unchecked=True)
    await peer.read_event()
    peer.say({"type": "health", "message": "ping", "id": "1"})
    async with httpx.AsyncClient(base_url=hub.url) as client:
        assert (await client.get("/v1/ws/subscribe", headers=BEARER)).status_code == 426
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {CLAIMLESS}"},
        BEARER,
        {**BEARER, "Sec-WebSocket-Key": "short"},
        {**BEARER, "Origin": "https://evil.example"},
    ):
        assert (await (await dial(hub)).upgrade("/v1/ws/subscribe", headers)).status >= 400
    figures = await scrape(hub)
    assert figures["connections", ""] == 2
    assert {channel: n for (name, channel), n in figures.items() if name == "subscriptions"} == {
        "global": 2,
        "health": 2,
        "pdfm": 1,
        "system": 0,
        "orchestrator": 0,
    }
    assert {of: n for (name, of), n in figures.items() if name == "handshakes_total"} == {
        "accepted": 2,
        "invalid_request": 1,
        "invalid_token": 1,
        "insufficient_scope": 1,
        "address": 1,
        "malformed": 1,
        "origin": 1,
        "no_upgrade": 1,
        "unavailable": 0,
    }
    assert {of: n for (name, of), n in figures.items() if name == "events_published_total"} == {
        "global": 0,
        "health": 0,
        "pdfm": 1,
        "system": 0,
        "orchestrator": 0,
        "other": 1,
    }
    assert figures["messages_received_total", ""] == 1
    assert figures["messages_sent_total", ""] == 6
    assert figures["accepting", ""] == 1
    del other


async def test_fan_out_is_a_histogram(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub()
    peer = await subscribe(hub, "pdfm")
    before = (await scrape(hub))["fan_out_seconds_count", ""]
    for _ in range(3):
        hub.publish("pdfm", "VM_STATE_CHANGED", VM)
        await peer.read_event()
    figures = await scrape(hub)
    assert figures["fan_out_seconds_count", ""] == before + 3
    assert figures["fan_out_seconds_bucket", "+Inf"] == before + 3
    assert figures["fan_out_seconds_sum", ""] > 0
    counts = [n for (name, _), n in figures.items() if name == "fan_out_seconds_bucket"]
    assert counts == sorted(counts)


async def test_who_does_not_read_shows_in_depth_and_evictions(start_hub: Any, subscribe: Any) -> None:
    hub = await start_hub({"queue_size": 5, "write_buffer": 4096})
    slow = await subscribe(hub, "pdfm", receive_buffer=4096)
    slow.stop_reading()
    while not hub.connections[0]["evicted"]:
        hub.publish("pdfm", "VM_STATE_CHANGED", {**VM, "vm_id": "x" * 50_000})
        await asyncio.sleep(0)
    figures = await scrape(hub)
    assert figures["queue_depth", ""] == figures["queue_depth_max", ""] == 5
    assert figures["messages_evicted_total", ""] >= 1
    await slow.end()
    await until(lambda: not hub.connections)
    figures = await scrape(hub)
    assert figures["messages_evicted_total", ""] >= 1
    assert figures["queue_depth", ""] == 0


async def test_a_heartbeat_that_fails_is_counted(start_hub: Any, subscribe: Any) -> None:
    clock = VirtualClock()
    hub = await start_hub(clock=clock)
    await subscribe(hub)
    await clock.advance_async(46)
    assert hub.connections == []
    assert (await scrape(hub))["heartbeat_timeouts_total", ""] == 1


@pytest.mark.parametrize(("is_open", "status"), [(False, 401), (True, 200)])
async def test_strangers_see_them_only_if_that_is_meant(start_hub: Any, is_open: bool, status: int) -> None:
    hub = await start_hub(open_metrics=is_open)
    async with httpx.AsyncClient(base_url=hub.url) as anybody:
        assert (await anybody.get("/metrics")).status_code == status
