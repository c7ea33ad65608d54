"""Whatever breaks: what a connection brought is not lost, every gap is told, and every command has its end.

``nox -s chaos`` does this for two minutes with a new seed, which it prints; ``nox -s chaos -- SEED`` again
with that one.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.e2e.chaos_hub import LAST_EVENT, ChaosHub, chaos_hub, name_of

from eventshub import (
    AsyncEventsHub,
    ConnectionLostError,
    EventsHub,
    InvalidEvent,
    Keepalive,
    NotConnectedError,
    Reconnect,
    Reconnected,
    Timeouts,
    VmStateChanged,
)

SEED = int(os.environ.get("EVENTSHUB_CHAOS_SEED", "20251205"))
SECONDS = float(os.environ.get("EVENTSHUB_CHAOS_SECONDS", "0"))
FAULTS = 30
OPTIONS: dict[str, Any] = {
    "token": "t",
    "reconnect": Reconnect(min_delay=0.001, max_delay=0.01, from_start=True),
    "keepalive": Keepalive(interval=0.1, timeout=0.5),
    "timeouts": Timeouts(connect=5, welcome=5, reply=60, close=0.05),
    "buffer_size": 8,
}
LOST = (ConnectionLostError, NotConnectedError)
"""What may become of a command, when its connection ends; it is never left without an answer."""
LONGEST_ANSWER = 10
"""In seconds. A connection that is dead is noticed sooner."""


@dataclass
class Segment:
    """What came between two gaps."""

    client_id: str
    names: list[str] = field(default_factory=list[str])


class Reading:
    """The application's end: takes the stream apart where it says that something is missing."""

    def __init__(self, client_id: str) -> None:
        self.segments = [Segment(client_id)]
        self.answered = 0
        """So many commands were answered."""
        self._chance = random.Random(SEED)

    def take(self, item: object) -> bool:
        """Note an item; false after the last one."""
        match item:
            case Reconnected(client_id=client_id):
                self.segments.append(Segment(client_id))
                return True
            case VmStateChanged() | InvalidEvent():
                name = name_of(item.payload)
            case _:
                raise AssertionError(f"nobody sent {item!r}")
        self.segments[-1].names.append(name)
        return name != LAST_EVENT

    def dawdles(self) -> bool:
        """Whether to let events wait now, so that a connection may end behind them."""
        return self._chance.random() < 0.2

    def asks(self) -> bool:
        """Whether to send a command now."""
        return self._chance.random() < 0.3


async def read_async(url: str, transport: Any) -> Reading:
    async with AsyncEventsHub(url, transport=transport, **OPTIONS).subscribe("pdfm") as events:
        reading = Reading(events.welcome.body.client_id)

        async def ask() -> None:
            with suppress(*LOST):
                async with asyncio.timeout(LONGEST_ANSWER):
                    await events.ping()
                reading.answered += 1

        async with asyncio.TaskGroup() as asking:
            async for item in events:
                if not reading.take(item):
                    break
                if reading.asks():
                    asking.create_task(ask())
                if reading.dawdles():
                    for _ in range(100):
                        await asyncio.sleep(0)
    return reading


def read_in_a_thread(url: str) -> Reading:
    with EventsHub(url, **OPTIONS).subscribe("pdfm") as events:
        reading = Reading(events.welcome.body.client_id)

        def ask(outcome: Future[bool]) -> None:
            try:
                events.ping()
            except LOST:
                outcome.set_result(False)
            except BaseException as error:  # noqa: BLE001 - told to who waits
                outcome.set_exception(error)
            else:
                outcome.set_result(True)

        asked: list[Future[bool]] = []
        for item in events:
            if not reading.take(item):
                break
            if reading.asks():
                asked.append(Future())
                # Not by an executor, which would wait for ever for a command that never ends.
                threading.Thread(target=ask, args=(asked[-1],), daemon=True).start()
            if reading.dawdles():
                # Another thread has to come further meanwhile; how far decides nothing.
                time.sleep(0.002)
        reading.answered = sum(outcome.result(LONGEST_ANSWER) for outcome in asked)
    return reading


def check(hub: ChaosHub, reading: Reading) -> None:
    segments = reading.segments
    served = {connection.client_id: connection for connection in hub.served}
    ids = [segment.client_id for segment in segments]
    assert ids == [client_id for client_id in served if client_id in ids], "not in order, or one twice"
    for connection in hub.served:
        if connection.client_id not in ids:
            assert not connection.confirmed, f"nothing came of {connection}"
            assert not connection.is_owed_all or connection.client_gave_up, f"nothing came of {connection}"
    for segment in segments:
        connection = served[segment.client_id]
        got, sent = segment.names, connection.sent
        assert got == sent[: len(got)], f"not what was sent over {connection}"
        assert len(got) >= connection.confirmed, f"{len(got)} is too few of {connection}"
        if connection.is_owed_all and not connection.client_gave_up:
            assert got == sent, f"something is missing of {connection}"
    owed = sum(each.answered for each in hub.served if each.is_owed_all and not each.client_gave_up)
    assert reading.answered >= owed, "an answer came and nobody got it"


@pytest.mark.timeout(60 + 2 * SECONDS)
@pytest.mark.parametrize("client", ["websockets", "picows", "threads"])
async def test_nothing_is_lost_while_connected_and_every_gap_is_told(client: str) -> None:
    started = time.monotonic()
    async with chaos_hub(SEED, faults=10**9 if SECONDS else FAULTS) as hub:
        if SECONDS:
            asyncio.get_running_loop().call_later(SECONDS / 3, hub.calm)
        try:
            if client == "threads":
                reading = await asyncio.to_thread(read_in_a_thread, hub.url)
            else:
                reading = await read_async(hub.url, client)
        except BaseException as error:
            error.add_note(replay(hub, started))
            raise
    try:
        check(hub, reading)
    except AssertionError as error:
        error.add_note(replay(hub, started))
        raise
    assert len(reading.segments) > FAULTS / 4


def replay(hub: ChaosHub, started: float) -> str:
    seconds = time.monotonic() - started
    return f"seed {SEED}, connection {hub.connections}, after {seconds:.1f} s; again: nox -s chaos -- {SEED}"
