"""A program that ends subscriptions at every point there is; what it leaves behind, Python complains of.

Run by ``test_aio_debug_mode.py`` in asyncio's debug mode, with each warning an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import sys
import threading
from typing import Any, Literal

from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, scripted_hub

from eventshub import AsyncEventsHub, EventsHub, EventsHubError, Reconnect, VmStateChanged

QUICK = Reconnect(min_delay=0.001, max_delay=0.01)
POINTS = range(0, 60, 3)


async def script(peer: Peer) -> None:
    await peer.send(frames.welcome("pdfm", "health", "global"), *([frames.vm_state()] * 5))
    await peer.answer_pings()


async def loses(peer: Peer) -> None:
    await peer.send(frames.welcome("pdfm", "health", "global"), frames.vm_state())
    await peer.connection.close(1012)


async def use(hub: AsyncEventsHub) -> None:
    async with hub.subscribe("pdfm", "health") as events:
        await events.ping()
        await events.wait_for(VmStateChanged, timeout=10)
        async for _ in events:
            await events.ping()


def use_in_threads(url: str) -> None:
    with EventsHub(url, token="t", reconnect=QUICK).subscribe("pdfm", "health") as events:

        def ask() -> None:
            with contextlib.suppress(EventsHubError):
                while True:
                    events.ping()

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        for _, _ in zip(range(5), events, strict=False):
            events.ping()
        events.close()
        for asker in askers:
            asker.join()


async def main(transport: Literal["websockets", "picows"]) -> None:
    options: dict[str, Any] = {"token": "t", "reconnect": QUICK, "transport": transport}
    for serve in (script, loses):
        async with scripted_hub(serve) as server:
            hub = AsyncEventsHub(server.url, **options)
            before = asyncio.all_tasks()
            for turns in POINTS:
                task = asyncio.create_task(use(hub))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, EventsHubError):
                    await task
            async with hub.subscribe("pdfm") as events:
                await anext(events)
            never_entered = hub.subscribe("pdfm")
            await never_entered.close()
            left = [task.get_name() for task in asyncio.all_tasks() - before]
            assert not [name for name in left if name.startswith("eventshub")], left
            await asyncio.to_thread(use_in_threads, server.url) if serve is script else None
    assert not [thread for thread in threading.enumerate() if thread.name == "eventshub"]
    gc.collect()


# Lost connections are warnings, and so are slow callbacks, which are no fault of the client's.
logging.disable(logging.WARNING)
# The server has something to say of who leaves in the middle of a handshake.
logging.getLogger("websockets.server").disabled = True
for library in ("websockets", "picows"):
    asyncio.run(main(library))
gc.collect()
print("clean", sys.flags.dev_mode)
