"""The asyncio client stays with a hub that is restarted, and gets its own address back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from eventshub import (
    AsyncEventsHub,
    Attempt,
    ConnectionConflictError,
    Reconnect,
    Reconnected,
    Shutdown,
    VmStateChanged,
)
from eventshub_mockserver import HubConfig, HubServer

VM_RUNS: Any = {"vm_id": "vm-1", "previous_state": "stopped", "current_state": "running"}
QUICK = Reconnect(min_delay=0.05, max_delay=0.1)


def port(hub: HubServer) -> int:
    return int(hub.url.rpartition(":")[2])


async def test_events_go_on_after_a_restart_of_the_hub() -> None:
    async with HubServer(HubConfig()) as before:
        # The restarted hub makes up a token of its own.
        token = before.token
        client = AsyncEventsHub(before.url, token=lambda: token, reconnect=QUICK)
        subscription = client.subscribe("pdfm", "health", "system")
        events = await subscription.__aenter__()
        old_id = events.welcome.body.client_id
        await events.unsubscribe("system")
    assert isinstance(await anext(events), Shutdown)
    async with HubServer(HubConfig(port=port(before))) as hub:
        token = hub.token
        gap = await anext(events)
        assert isinstance(gap, Reconnected)
        assert gap.gap > timedelta(0)
        assert gap.client_id == events.welcome.body.client_id == await hub_side_id(client) != old_id
        assert set(events.channels) == {"pdfm", "health", "global"}
        hub.publish("pdfm", "VM_STATE_CHANGED", VM_RUNS)
        assert isinstance(await anext(events), VmStateChanged)
        assert await events.ping() > timedelta(0)
        await events.unsubscribe("health")
        await events.close()


async def hub_side_id(client: AsyncEventsHub) -> str:
    [connection] = await client.clients()
    return connection.id


async def test_conflict_with_an_old_connection_passes() -> None:
    conflicts: list[Attempt] = []

    def look(attempt: Attempt) -> None:
        if isinstance(attempt.error, ConnectionConflictError):
            conflicts.append(attempt)

    async with HubServer(HubConfig()) as hub:
        settings = Reconnect(min_delay=0.02, max_delay=0.02, from_start=True, on_attempt=look)
        client = AsyncEventsHub(hub.url, token=hub.token, reconnect=settings)
        old = await client.subscribe().__aenter__()
        new = asyncio.create_task(client.subscribe("pdfm").__aenter__())
        while not conflicts:  # noqa: ASYNC110 - the hook is called by the client
            await asyncio.sleep(0.01)
        await old.close()
        events = await new
        hub.publish("pdfm", "VM_STATE_CHANGED", VM_RUNS)
        assert isinstance(await anext(events), VmStateChanged)
        await events.close()
    assert conflicts[0].error.retryable
