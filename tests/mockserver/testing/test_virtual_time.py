"""Virtual time: what takes minutes takes a moment, and nobody who is alive is lost by it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect

from eventshub import AsyncEventsHub, ConnectionLostError, Heartbeat, Reconnected
from eventshub_mockserver import (
    HubConfig,
    HubForTests,
    HubOptions,
    HubServer,
    Kind,
    Token,
    VirtualClock,
    hub_session,
)

pytestmark = pytest.mark.events_hub(virtual_time=True)


def address(hub: HubForTests, channels: str = "pdfm") -> str:
    return f"{hub.ws_url}/v1/ws/subscribe?event_types={channels}&access_token={hub.token}"


def client(hub: HubForTests) -> AsyncEventsHub:
    return AsyncEventsHub(hub.url, token=hub.token, clock=hub.clock)


def hear_nothing(data: bytes) -> None:
    pass


def test_a_client_that_answers_pings_outlives_an_hour(events_hub: HubForTests) -> None:
    with connect(address(events_hub)):
        client_id = events_hub.assert_subscribed({"pdfm"})
        events_hub.advance(3600)
        assert events_hub.assert_subscribed({"pdfm"}) == client_id
        pings, pongs = (events_hub.journal.select(kind) for kind in (Kind.PING, Kind.PONG))
        assert [e.elapsed for e in pings] == [30.0 * n for n in range(1, 121)]
        assert [e.elapsed for e in pongs] == [e.elapsed for e in pings]


def test_a_client_that_does_not_answer_is_closed_on_time(
    events_hub: HubForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(address(events_hub)) as silent:
        monkeypatch.setattr(silent.protocol, "receive_data", hear_nothing)
        events_hub.assert_subscribed({"pdfm"})
        events_hub.advance(44)
        assert len(events_hub.connections) == 1
        events_hub.advance(1)
        assert events_hub.connections == []
        (closed,) = events_hub.journal.closes()
        assert (closed.status, closed.elapsed) == (1011, 45.0)


def test_credentials_expire() -> None:
    clock = VirtualClock(start=1000.0)
    config = HubConfig(credentials=(Token("brief", "t0ken", expires_at=1060.0),), clock=clock)
    with hub_session(config) as session, session.hub() as hub, connect(address(hub)):
        hub.assert_subscribed({"pdfm"})
        hub.advance(59)
        hub.assert_subscribed({"pdfm"})
        hub.advance(1)
        assert [e.status for e in hub.journal.closes()] == [1008]


def test_a_burst_of_commands_is_allowed_again_after_a_while(events_hub: HubForTests) -> None:
    ping = '{"event_type": "health", "message": "ping"}'
    with connect(address(events_hub, "health")) as talkative:
        talkative.recv()
        for _ in range(3):
            for _ in range(100):
                talkative.send(ping)
                assert json.loads(talkative.recv())["message"] == "pong"
            events_hub.advance(2)


async def test_the_heartbeat_of_a_client_that_shares_the_clock_is_kept(events_hub: HubForTests) -> None:
    async with client(events_hub) as hub, hub.subscribe("health"):
        await events_hub.aio.advance(600)
        assert [e.elapsed for e in events_hub.journal.received("health", "ping")] == [
            30.0 * n for n in range(1, 21)
        ]
        assert len(events_hub.journal.handshakes()) == 1


async def test_a_heartbeat_that_is_lost_is_noticed(events_hub: HubForTests) -> None:
    async with client(events_hub) as hub, hub.subscribe("health") as events:
        await events_hub.aio.assert_subscribed({"health"})
        with events_hub.faults.add("missing-reply", times=1):
            await events_hub.aio.advance(45)
        await events_hub.aio.advance(30)
        await events_hub.aio.expect_reconnect(within=30)
        assert isinstance(await anext(events), Reconnected)


async def test_a_client_comes_back_at_the_pace_it_promises(events_hub: HubForTests) -> None:
    async with client(events_hub) as hub, hub.subscribe("pdfm"):
        await events_hub.aio.assert_subscribed({"pdfm"})
        with events_hub.faults.add("refuse", status=503, retry_after=7, times=3):
            events_hub.close_connections(1012)
            await events_hub.aio.advance(120)
        _, *attempts = events_hub.journal.handshakes()
        assert [e.status for e in attempts] == [503, 503, 503, 101]
        waits = [b.elapsed - a.elapsed for a, b in pairwise(attempts)]
        assert min(waits) >= 7


async def test_a_client_without_heartbeat_and_reconnecting_ends(events_hub: HubForTests) -> None:
    lonely = AsyncEventsHub(
        events_hub.url, token=events_hub.token, clock=events_hub.clock, reconnect=None, heartbeat=Heartbeat()
    )
    async with lonely as hub, hub.subscribe("health") as events:
        events_hub.faults.add("half-open")
        await events_hub.aio.advance(60)
        with pytest.raises(ConnectionLostError):
            await anext(events)


def test_a_hub_and_a_client_in_two_loops_and_a_test_in_neither(events_hub: HubForTests) -> None:
    ready, done = threading.Event(), threading.Event()

    async def application() -> None:
        async with client(events_hub) as hub, hub.subscribe("health"):
            ready.set()
            await asyncio.to_thread(done.wait, 20)

    thread = threading.Thread(target=lambda: asyncio.run(application()))
    thread.start()
    assert ready.wait(10)
    events_hub.advance(300)
    assert len(events_hub.journal.received("health", "ping")) == 10
    assert len(events_hub.connections) == 1
    done.set()
    thread.join()


async def test_a_hub_in_the_loop_of_the_test_is_moved_by_the_clock_itself() -> None:
    clock = VirtualClock()
    async with HubServer(HubConfig(clock=clock)) as hub:
        stream = f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm&access_token={hub.token}"
        async with connect_async(stream):
            for _ in range(10):
                await clock.advance_async(20)
            assert len(hub.connections) == 1


def test_an_hour_is_a_moment() -> None:
    with hub_session() as session, session.hub(HubOptions(virtual_time=True)) as hub:
        started = time.process_time()
        hub.advance(3600)
        assert time.process_time() - started < 10


class TestTheClockAlone:
    def test_calls_without_a_loop_are_made_in_the_thread_that_lets_time_pass(self) -> None:
        clock, seen = VirtualClock(), list[float]()
        clock.call_later(2, lambda: seen.append(clock.monotonic()))
        clock.call_later(1, lambda: seen.append(clock.monotonic()))
        clock.call_later(1, lambda: seen.append(-1)).cancel()
        clock.advance(5)
        assert seen == [1.0, 2.0]
        assert clock.time() - VirtualClock().time() == 5

    async def test_calls_are_made_in_their_loop_in_order_each_at_its_moment(self) -> None:
        clock, seen = VirtualClock(), list[tuple[str, float, bool]]()
        thread = threading.get_ident()

        def note(name: str) -> Callable[[], None]:
            return lambda: seen.append((name, clock.monotonic(), threading.get_ident() == thread))

        def again() -> None:
            note("again")()
            clock.call_later(1, again)

        clock.call_later(2.5, note("b"))
        clock.call_later(0.5, again)
        await clock.advance_async(3)
        assert seen == [("again", 0.5, True), ("again", 1.5, True), ("b", 2.5, True), ("again", 2.5, True)]

    async def test_a_call_that_is_cancelled_on_its_way_is_not_made(self) -> None:
        clock, seen = VirtualClock(), list[int]()
        later = clock.call_later(1, lambda: seen.append(2))
        clock.call_later(0.5, later.cancel)
        clock.call_later(1, lambda: seen.append(1))
        await clock.advance_async(2)
        assert seen == [1]

    def test_a_loop_that_is_gone_keeps_nobody_waiting(self) -> None:
        clock, seen = VirtualClock(), list[int]()

        async def leave_a_call_behind() -> None:
            clock.call_later(1, lambda: seen.append(1))

        asyncio.run(leave_a_call_behind())
        clock.advance(2)
        assert (seen, clock.monotonic()) == ([], 2.0)
