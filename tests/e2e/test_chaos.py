"""Whatever breaks: what a connection brought is not lost, and every gap is told.

``nox -s chaos`` does this for two minutes with a new seed, which it prints; ``nox -s chaos -- SEED`` again
with that one.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.e2e.chaos_hub import LAST_EVENT, ChaosHub, chaos_hub, name_of

from eventshub import (
    AsyncEventsHub,
    EventsHub,
    InvalidEvent,
    Keepalive,
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
    "timeouts": Timeouts(connect=5, welcome=5, close=0.05),
    "buffer_size": 8,
}


@dataclass
class Segment:
    """What came between two gaps."""

    client_id: str
    names: list[str] = field(default_factory=list[str])


class Reading:
    """The application's end: takes the stream apart where it says that something is missing."""

    def __init__(self, client_id: str) -> None:
        self.segments = [Segment(client_id)]

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


async def read_async(url: str, transport: Any) -> list[Segment]:
    async with AsyncEventsHub(url, transport=transport, **OPTIONS).subscribe("pdfm") as events:
        reading = Reading(events.welcome.body.client_id)
        async for item in events:
            if not reading.take(item):
                break
    return reading.segments


def read_in_a_thread(url: str) -> list[Segment]:
    with EventsHub(url, **OPTIONS).subscribe("pdfm") as events:
        reading = Reading(events.welcome.body.client_id)
        for item in events:
            if not reading.take(item):
                break
    return reading.segments


def check(hub: ChaosHub, segments: list[Segment]) -> None:
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


@pytest.mark.timeout(60 + 2 * SECONDS)
@pytest.mark.parametrize("client", ["websockets", "picows", "threads"])
async def test_nothing_is_lost_while_connected_and_every_gap_is_told(client: str) -> None:
    started = time.monotonic()
    async with chaos_hub(SEED, faults=10**9 if SECONDS else FAULTS) as hub:
        if SECONDS:
            asyncio.get_running_loop().call_later(SECONDS / 3, hub.calm)
        try:
            if client == "threads":
                segments = await asyncio.to_thread(read_in_a_thread, hub.url)
            else:
                segments = await read_async(hub.url, client)
        except BaseException as error:
            error.add_note(replay(hub, started))
            raise
    try:
        check(hub, segments)
    except AssertionError as error:
        error.add_note(replay(hub, started))
        raise
    assert len(segments) > FAULTS / 4


def replay(hub: ChaosHub, started: float) -> str:
    seconds = time.monotonic() - started
    return f"seed {SEED}, connection {hub.connections}, after {seconds:.1f} s; again: nox -s chaos -- {SEED}"
