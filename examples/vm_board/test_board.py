"""The sample application under a hub: what it should do on good days and on bad ones, without one sleep.

Time is virtual: minutes of it pass in a moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest
from examples.vm_board.board import Board, follow

from eventshub import AsyncEventsHub, AuthenticationError, EventsHubError
from eventshub_mockserver import HubForTests

pytestmark = pytest.mark.events_hub(virtual_time=True)
CHANNELS = {"pdfm", "health"}


@asynccontextmanager
async def running(events_hub: HubForTests) -> AsyncGenerator[tuple[Board, asyncio.Task[None]]]:
    """The application, until the block ends."""
    board = Board()
    async with AsyncEventsHub(events_hub.url, token=events_hub.token, clock=events_hub.clock) as hub:
        task = asyncio.create_task(follow(hub, board))
        try:
            yield board, task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, EventsHubError):
                await task


def change(events_hub: HubForTests, vm_id: str, state: str) -> None:
    body = {"vm_id": vm_id, "previous_state": "stopped", "current_state": state}
    events_hub.publish("pdfm", "VM_STATE_CHANGED", body)


async def test_it_follows_the_fleet(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        await events_hub.aio.assert_subscribed(CHANNELS)
        change(events_hub, "vm-1", "running")
        change(events_hub, "vm-2", "paused")
        events_hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
        await events_hub.aio.wait_for(lambda _: board.states == {"vm-2": "paused"})


async def test_it_stays_connected_on_quiet_days(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        await events_hub.aio.assert_subscribed(CHANNELS)
        await events_hub.aio.advance(600)
        await events_hub.aio.expect_command("health", "ping")
        assert len(events_hub.journal.handshakes()) == 1
        assert board.gaps == 0


async def test_it_comes_back_when_the_connection_ends_and_remembers_the_gap(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        for code in (1001, 1012, 1013):
            await events_hub.aio.assert_subscribed(CHANNELS)
            events_hub.close_connections(code)
            await events_hub.aio.advance(60)
            await events_hub.aio.expect_reconnect(within=60)
        change(events_hub, "vm-1", "running")
        await events_hub.aio.wait_for(lambda _: board.states == {"vm-1": "running"})
        assert board.gaps == 3


async def test_it_notices_that_the_hub_has_gone_silent(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        await events_hub.aio.assert_subscribed(CHANNELS)
        with events_hub.faults.add("missing-reply"):
            await events_hub.aio.advance(45)
        await events_hub.aio.advance(60)
        await events_hub.aio.expect_reconnect(within=60)
        await events_hub.aio.wait_for(lambda _: board.gaps == 1)


async def test_it_gives_up_when_its_credential_is_revoked(events_hub: HubForTests) -> None:
    async with running(events_hub) as (_, task):
        await events_hub.aio.assert_subscribed(CHANNELS)
        events_hub.revoke("default")
        await events_hub.aio.advance(60)
        with pytest.raises(EventsHubError):
            await asyncio.wait_for(task, 5)


async def test_a_wrong_credential_is_tried_once(events_hub: HubForTests) -> None:
    async with AsyncEventsHub(events_hub.url, token="wrong", clock=events_hub.clock) as hub:
        with pytest.raises(AuthenticationError):
            await asyncio.wait_for(follow(hub, Board()), 5)
    assert [entry.status for entry in events_hub.journal.handshakes()] == [401]


async def test_it_waits_for_its_turn_when_its_address_is_taken(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        await events_hub.aio.assert_subscribed(CHANNELS)
        with events_hub.faults.add("refuse", status=409, times=3):
            events_hub.close_connections()
            await events_hub.aio.advance(120)
        assert [entry.status for entry in events_hub.journal.handshakes()] == [101, 409, 409, 409, 101]
        await events_hub.aio.wait_for(lambda _: board.gaps == 1)


async def test_what_is_newer_than_it_does_no_harm(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        await events_hub.aio.assert_subscribed(CHANNELS)
        events_hub.publish("pdfm", "VM_TELEPORTED", {"to": "mars"}, unchecked=True)
        events_hub.publish("pdfm", "VM_STATE_CHANGED", {"vm_id": 7}, unchecked=True)
        change(events_hub, "vm-1", "running")
        await events_hub.aio.wait_for(lambda _: board.states == {"vm-1": "running"})
        assert board.ignored == 2


async def test_it_keeps_up_with_a_storm(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        await events_hub.aio.assert_subscribed(CHANNELS)
        for number in range(500):
            change(events_hub, f"vm-{number}", "running")
        await events_hub.aio.wait_for(lambda _: len(board.states) == 500)


async def test_it_lives_through_a_maintenance_window(events_hub: HubForTests) -> None:
    async with running(events_hub) as (board, _):
        await events_hub.aio.assert_subscribed(CHANNELS)
        plan = {"starts_at": "2030-01-01T00:00:00Z", "text": "new disks"}
        events_hub.publish("global", "MAINTENANCE_SCHEDULED", plan)
        with events_hub.faults.add("refuse", status=503, retry_after=20):
            events_hub.close_connections(1012, "maintenance")
            await events_hub.aio.advance(600)
            assert board.notices == ["new disks"]
            assert events_hub.connections == []
        await events_hub.aio.advance(60)
        await events_hub.aio.assert_subscribed(CHANNELS)
        change(events_hub, "vm-1", "running")
        await events_hub.aio.wait_for(lambda _: (board.states, board.gaps) == ({"vm-1": "running"}, 1))
