"""Memory stays flat while the application does not read, whatever is to happen with the events."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator

import pytest
from tests.sdk import frames
from tests.sdk.raw_frames import PING, PONG, client_frame, frame, raw_hub
from tests.sdk.scripted_hub import client

from eventshub import BufferOverflowError, Dropped, VmAdded

pytestmark = pytest.mark.both_twins

VM = {"ID": "vm-1", "Name": "box", "Notes": "x" * 1000, "Hardware": {"cpu": {"cpus": 4}}}
EVENT = frame(frames.event("pdfm", "VM_ADDED", {"vm_id": "vm-1", "new_vm": VM}))
AT_ONCE = 64
EVENTS = AT_ONCE * 160
WAITING = 64
# Those that wait, decoded, and what one read brings; of the flood a tenth.
ALLOWED = EVENTS * len(EVENT) // 10


class Flood:
    """A hub that sends and sends."""

    def __init__(self) -> None:
        self.sent = 0
        self.read = asyncio.Event()
        """The client has read all of it."""
        self.ended = asyncio.Event()
        """The client has ended the connection."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ending = asyncio.create_task(self._hear(reader))
        try:
            writer.write(frame(frames.welcome("pdfm", "global")))
            for _ in range(EVENTS // AT_ONCE):
                writer.write(EVENT * AT_ONCE)
                await writer.drain()
                self.sent += AT_ONCE
            writer.write(frame(b"", PING))
        finally:
            await ending

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        try:
            while (await client_frame(reader))[0] == PONG:
                self.read.set()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        self.ended.set()

    async def until_stopped(self) -> None:
        """Wait until nobody takes any more; on a machine that stalls, a little too early."""
        before = -1
        while before != self.sent or not self.sent:
            before = self.sent
            await asyncio.sleep(0.1)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def begin() -> int:
    tracemalloc.reset_peak()
    return tracemalloc.get_traced_memory()[0]


def grown_at_most(since: int) -> int:
    return tracemalloc.get_traced_memory()[1] - since


@pytest.mark.usefixtures("traced")
async def test_wait_stops_reading_and_loses_nothing() -> None:
    flood = Flood()
    async with raw_hub(flood) as url, client(url, buffer_size=WAITING).subscribe("pdfm") as events:
        started = begin()
        await flood.until_stopped()
        assert grown_at_most(started) < ALLOWED
        for _ in range(EVENTS):
            assert isinstance(await anext(events), VmAdded)
        assert grown_at_most(started) < ALLOWED
        await flood.read.wait()


@pytest.mark.usefixtures("traced")
async def test_drop_oldest_reads_on_and_keeps_the_newest() -> None:
    flood = Flood()
    async with raw_hub(flood) as url:
        async with client(url, buffer_size=WAITING, when_full="drop_oldest").subscribe("pdfm") as events:
            started = begin()
            await flood.read.wait()
            assert flood.sent == EVENTS
            assert grown_at_most(started) < ALLOWED
            dropped = await anext(events)
            assert isinstance(dropped, Dropped)
            for _ in range(EVENTS - dropped.count):
                assert isinstance(await anext(events), VmAdded)
        assert events.dropped == dropped.count >= EVENTS - WAITING


@pytest.mark.usefixtures("traced")
async def test_fail_gives_the_connection_up() -> None:
    flood = Flood()
    async with (
        raw_hub(flood) as url,
        client(url, buffer_size=WAITING, when_full="fail").subscribe("pdfm") as events,
    ):
        started = begin()
        await flood.ended.wait()
        assert grown_at_most(started) < ALLOWED
        for _ in range(WAITING + 1):
            assert isinstance(await anext(events), VmAdded)
        with pytest.raises(BufferOverflowError):
            await anext(events)
