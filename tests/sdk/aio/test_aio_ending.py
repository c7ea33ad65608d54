"""Ends of all kinds: closing, cancelling, exceptions of the application."""

from __future__ import annotations

import asyncio
import gc

import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, answers, client, scripted_hub, sends

from eventshub import (
    NotConnectedError,
)

pytestmark = pytest.mark.both_twins


class TestEnding:
    async def test_close_ends_iterating_at_once(self) -> None:
        script = sends(frames.welcome("pdfm", "global"), *([frames.vm_state()] * 100))
        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            seen = 0
            async for _ in events:
                seen += 1
                if seen == 3:
                    await events.close()
            assert seen == 3
            await events.close()
            with pytest.raises(NotConnectedError):
                await events.ping()

    async def test_close_wakes_who_waits(self) -> None:
        script = sends(frames.welcome("health", "global"))
        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:

            async def read() -> int:
                return len([event async for event in events])

            reading = asyncio.create_task(read())
            pinging = asyncio.create_task(events.ping())
            await asyncio.sleep(0.05)
            await events.close()
            assert await reading == 0
            with pytest.raises(NotConnectedError):
                await pinging

    async def test_nothing_outlives_the_context_manager(self) -> None:
        async with scripted_hub(answers) as hub:
            before = asyncio.all_tasks()
            async with client(hub.url).subscribe("health") as events:
                await events.ping()
            await hub.closures.get()
            gc.collect()
            left = asyncio.all_tasks() - before
            assert not [task for task in left if "eventshub" in task.get_name()]

    @pytest.mark.parametrize("delay", [0, 0.001, 0.005, 0.02, 0.05])
    async def test_cancelling_is_safe_at_any_point(self, delay: float) -> None:
        async def script(peer: Peer) -> None:
            await asyncio.sleep(0.01)
            await peer.send(frames.welcome("health", "global"))
            await peer.answer_pings()

        async def use(url: str) -> None:
            async with client(url).subscribe("health") as events:
                while True:
                    await events.ping()

        async with scripted_hub(script) as hub:
            task = asyncio.create_task(use(hub.url))
            await asyncio.sleep(delay)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gc.collect()
            assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("eventshub")]

    async def test_cancelling_the_close_cuts_the_connection(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            peer.connection.transport.pause_reading()
            await asyncio.sleep(1)

        async with scripted_hub(script, close_timeout=0.1) as hub:
            subscription = client(hub.url).subscribe()
            await subscription.__aenter__()
            closing = asyncio.create_task(subscription.close())
            await asyncio.sleep(0.05)
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing

    async def test_exception_of_the_application_passes_through(self) -> None:
        async with scripted_hub(sends(frames.welcome("global"))) as hub:
            with pytest.raises(ZeroDivisionError):
                async with client(hub.url).subscribe():
                    _ = 1 / 0
            assert await hub.closures.get() == (1000, "")
