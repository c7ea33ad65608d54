"""Without asyncio: a thread that takes events, and a main thread that sends commands, on one connection."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import eventshub

PING_INTERVAL = 10.0


def main(hub: eventshub.EventsHub, stopped: threading.Event) -> None:
    with ThreadPoolExecutor(1) as pool, hub.subscribe("pdfm", "health") as events:

        def consume() -> None:
            try:
                for event in events:
                    print(event, flush=True)
            finally:
                stopped.set()  # closed, or an error that trying again cannot mend

        consumer = pool.submit(consume)
        try:
            while not stopped.is_set():
                try:
                    round_trip = events.ping()
                    print(f"round trip: {round_trip.total_seconds() * 1000:.1f} ms", flush=True)
                except eventshub.EventsHubError as error:
                    # No connection just now; the subscription sees to the next one.
                    print(f"no round trip: {error}", flush=True)
                stopped.wait(PING_INTERVAL)
        finally:
            events.close()  # ends the loop in the other thread
        consumer.result()


if __name__ == "__main__":
    try:
        main(eventshub.EventsHub(), threading.Event())
    except eventshub.EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        print("closed", flush=True)
