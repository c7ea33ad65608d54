"""Each example does what it says, against a real hub, on good days and bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from examples import (
    alert_forwarder,
    fastapi_lifespan,
    incident_room,
    inventory_reconciler,
    prometheus_exporter,
)
from prometheus_client import CollectorRegistry
from tests.examples.conftest import Receiver

from eventshub import AsyncEventsHub, Reconnect
from eventshub_mockserver import HubForTests

AT_ONCE = Reconnect(min_delay=0.01, max_delay=0.01)


@pytest.fixture
def client(named_hub: HubForTests) -> AsyncEventsHub:
    return AsyncEventsHub(reconnect=AT_ONCE)


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """An example, until the block ends; its failure fails the test."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError), outcome


async def lose_connection(hub: HubForTests) -> None:
    hub.close_connections(1012)
    await hub.aio.expect_reconnect(within=5)


def change(hub: HubForTests, vm_id: str, state: str) -> None:
    body = {"vm_id": vm_id, "previous_state": "stopped", "current_state": state}
    hub.publish("pdfm", "VM_STATE_CHANGED", body)


async def test_the_reconciler_follows_and_loads_anew_after_a_gap(
    client: AsyncEventsHub, named_hub: HubForTests, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory_reconciler, "RETRY_DELAY", 0.01)
    receiver.answer, receiver.failures = {"vm-1": "stopped", "vm-2": "running"}, 2
    inventory: dict[str, str] = {}
    async with running(inventory_reconciler.reconcile(client, receiver.url, inventory)):
        await named_hub.aio.assert_subscribed({"pdfm"})
        change(named_hub, "vm-1", "running")
        named_hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-2"})
        new_vm: Any = {"ID": "vm-3", "State": "paused"}
        named_hub.publish("pdfm", "VM_ADDED", {"vm_id": "vm-3", "new_vm": new_vm})
        await named_hub.aio.wait_for(lambda _: inventory == {"vm-1": "running", "vm-3": "paused"})
        assert receiver.failed == 2
        receiver.answer, receiver.failures = {"vm-9": "running"}, 1
        await lose_connection(named_hub)
        await named_hub.aio.wait_for(lambda _: inventory == {"vm-9": "running"})


async def test_the_forwarder_delivers_alerts_also_when_the_webhook_fails(
    client: AsyncEventsHub,
    named_hub: HubForTests,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(alert_forwarder, "RETRY_DELAYS", (0.01, 0.01))
    async with running(alert_forwarder.forward(client, f"{receiver.url}s3cret")):
        await named_hub.aio.assert_subscribed({"orchestrator", "health"})
        receiver.failures = 2
        named_hub.publish("orchestrator", "HOST_HEALTH_UPDATE", {"host_id": "h-1", "state": "healthy"})
        named_hub.publish("orchestrator", "HOST_HEALTH_UPDATE", {"host_id": "h-1", "state": "unhealthy"})
        await named_hub.aio.wait_for(lambda _: len(receiver.posted) == 1)
        await lose_connection(named_hub)
        await named_hub.aio.wait_for(lambda _: len(receiver.posted) == 2)
        receiver.failures = 3
        body = {"host_id": "h-2", "state": "websocket_disconnected"}
        named_hub.publish("orchestrator", "HOST_WEBSOCKET_DISCONNECTED", body)
        await named_hub.aio.wait_for(lambda _: receiver.failed == 5)
        named_hub.publish("orchestrator", "HOST_HEALTH_UPDATE", {"host_id": "h-3", "state": "unhealthy"})
        await named_hub.aio.wait_for(lambda _: len(receiver.posted) == 3)
    assert [posted["text"] for posted in receiver.posted] == [
        ":rotating_light: host h-1 is unhealthy",
        ":hole: alerts may be missing: no connection for 0 s",
        ":rotating_light: host h-3 is unhealthy",
    ]
    told = capsys.readouterr().err
    assert told.endswith("given up: :warning: events of host h-2 are unreliable: websocket_disconnected\n")
    assert "s3cret" not in told


async def test_the_exporter_counts_events_and_gaps(client: AsyncEventsHub, named_hub: HubForTests) -> None:
    registry = CollectorRegistry()

    def is_value(wanted: float, name: str, **labels: str) -> bool:
        return registry.get_sample_value(name, labels) == wanted

    async with running(prometheus_exporter.export(client, registry)):
        await named_hub.aio.assert_subscribed({"pdfm", "orchestrator", "system", "health"})
        change(named_hub, "vm-1", "running")
        change(named_hub, "vm-1", "stopped")
        named_hub.publish("pdfm", "VM_TELEPORTED", {"to": "mars"}, unchecked=True)
        counted = "eventshub_events_total"
        changed = {"channel": "pdfm", "message": "VM_STATE_CHANGED"}
        await named_hub.aio.wait_for(lambda _: is_value(1, counted, channel="other", message="UnknownEvent"))
        assert is_value(2, counted, **changed)
        assert is_value(1, "eventshub_connected")
        assert (registry.get_sample_value("eventshub_last_event_timestamp_seconds") or 0) > 1.7e9
        await lose_connection(named_hub)
        await named_hub.aio.wait_for(lambda _: is_value(1, "eventshub_gaps_total"))
        assert is_value(1, "eventshub_connected")
        assert (registry.get_sample_value("eventshub_offline_seconds_total") or 0) > 0


async def test_the_incident_room_shows_announcements_and_its_domain(
    client: AsyncEventsHub, named_hub: HubForTests, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []

    def lines() -> list[str]:
        shown.extend(line[9:] for line in capsys.readouterr().out.splitlines())
        return shown

    async with running(incident_room.feed(client, "orchestrator")):
        await named_hub.aio.assert_subscribed({"orchestrator"})
        named_hub.publish("global", "ANNOUNCEMENT", {"severity": "info", "text": "all is \x1b[31mwell"})
        plan = {"starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-01T01:00:00Z", "text": "new disks"}
        named_hub.publish("global", "MAINTENANCE_SCHEDULED", plan)
        named_hub.publish("orchestrator", "HOST_HEALTH_UPDATE", {"host_id": "h-1", "state": "unhealthy"})
        named_hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
        named_hub.publish("orchestrator", "HOST_TELEPORTED", {"to": "mars"}, unchecked=True)
        named_hub.publish("orchestrator", "HOST_ADDED", {"host_id": 7}, unchecked=True)
        await lose_connection(named_hub)
        await named_hub.aio.wait_for(lambda _: len(lines()) == 6)
    assert shown[0].strip() == "[INFO] all is ?[31mwell"
    assert shown[1] == "[MAINTENANCE] 01 Jan 00:00 to 01 Jan 01:00 UTC: new disks"
    assert shown[2] == "host h-1 is unhealthy"
    assert "HOST_TELEPORTED" in shown[3]
    assert "Expected `str`, got `int` at $.body.host_id" in shown[4]
    assert shown[5] == "--- nothing was received for 0 s: ask the others ---"


async def test_the_incident_room_wants_a_channel_that_exists(client: AsyncEventsHub) -> None:
    with pytest.raises(SystemExit, match="grants no channel 'typo'"):
        await incident_room.feed(client, "typo")


@asynccontextmanager
async def served(app: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """An application in uvicorn on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.wait([serving], timeout=0.01)
            assert not serving.done(), serving
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            yield http
    finally:
        server.should_exit = True
        await serving


async def test_the_service_serves_while_it_follows(
    named_hub: HubForTests, caplog: pytest.LogCaptureFixture
) -> None:
    async def answered(http: httpx.AsyncClient, wanted: dict[str, object]) -> None:
        async with asyncio.timeout(20):
            while (await http.get("/vms")).json() != wanted:
                pass

    states: dict[str, str] = {"vm-1": "running"}
    async with served(fastapi_lifespan.app) as http:
        await named_hub.aio.assert_subscribed({"pdfm"})
        change(named_hub, "vm-1", "running")
        await answered(http, {"states": states, "is_connected": True, "is_complete": True})
        await lose_connection(named_hub)
        await answered(http, {"states": states, "is_connected": True, "is_complete": False})
        named_hub.revoke("default")
        await answered(http, {"states": states, "is_connected": False, "is_complete": False})
    assert "the hub is lost for good" in caplog.text
