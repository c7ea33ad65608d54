"""Events in one asyncio task and commands in another, over one connection, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys

from eventshub import (
    AsyncEventsHub, AsyncSubscription, ConnectionLostError, Event, EventsHubError, Gap, InvalidEvent,
    NotConnectedError, ReplyTimeoutError,
)  # fmt: skip

PING_INTERVAL = 10.0


async def consume(events: AsyncSubscription[Event | InvalidEvent | Gap]) -> None:
    async for event in events:
        print(event, flush=True)


async def measure(events: AsyncSubscription[Event | InvalidEvent | Gap]) -> None:
    while True:
        try:
            print(f"round trip: {(await events.ping()).total_seconds() * 1000:.1f} ms", flush=True)
        except (NotConnectedError, ConnectionLostError, ReplyTimeoutError) as error:
            print(f"no round trip: {error}", flush=True)  # the subscription connects again by itself
        await asyncio.sleep(PING_INTERVAL)


async def main(hub: AsyncEventsHub) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with hub.subscribe("pdfm", "health") as events:
        tasks = [asyncio.create_task(work) for work in (consume(events), measure(events), stop.wait())]
        # The first to end ends it all: a signal, or an error that trying again cannot mend.
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()
    print("closed", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main(AsyncEventsHub()))
    except EventsHubError as error:
        sys.exit(f"{error}")
