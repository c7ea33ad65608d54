"""Events in one asyncio task and commands in another, over one connection, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys

import eventshub

PING_INTERVAL = 10.0


async def main(hub: eventshub.AsyncEventsHub) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)

    async with hub.subscribe("pdfm", "health") as events:

        async def consume() -> None:
            async for event in events:
                print(event, flush=True)

        async def measure() -> None:
            while True:
                try:
                    round_trip = await events.ping()
                    print(f"round trip: {round_trip.total_seconds() * 1000:.1f} ms", flush=True)
                except eventshub.EventsHubError as error:
                    # No connection just now; the subscription sees to the next one.
                    print(f"no round trip: {error}", flush=True)
                await asyncio.sleep(PING_INTERVAL)

        # The first to end ends it all: a signal, or an error that trying again cannot mend.
        tasks = [asyncio.create_task(work) for work in (consume(), measure(), stopped.wait())]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()
    print("closed", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main(eventshub.AsyncEventsHub()))
    except eventshub.EventsHubError as error:
        sys.exit(f"{error}")
