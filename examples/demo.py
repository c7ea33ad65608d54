"""The toolkit in one terminal: a hub with a small simulated fleet, and the typed client that watches it.

Starts a hub on loopback with a credential made up for this run, subscribes, prints typed events as they come,
measures a ping's round trip, drops a channel over REST and ends by itself. With ``--keep-running`` it goes on
printing events until Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from eventshub import (
    AsyncEventsHub,
    AsyncSubscription,
    Event,
    EventsHubError,
    Gap,
    HostHealthUpdate,
    HostStateChanged,
    HostVmStateChanged,
    InvalidEvent,
    UnknownEvent,
    VmStateChanged,
)

SECONDS_OF_EVENTS = 5.0


@contextlib.asynccontextmanager
async def hub_process(token: str) -> AsyncGenerator[str]:
    """Run ``eventshub-mockserver`` with a simulated fleet; gives its URL and ends it afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "eventshub_mockserver", "serve", "--port", "0"),
            *("--simulate", "--seed", "7", "--ready-file", str(ready)),
            env={**os.environ, "EVENTS_HUB_TOKEN": token},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            while not ready.exists():
                if process.returncode is not None:
                    _, errors = await process.communicate()
                    sys.exit(f"The hub did not start: {errors.decode().strip()}")
                await asyncio.sleep(0.05)
            yield json.loads(ready.read_text())["url"]
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.communicate()


def describe(event: Event) -> str:
    """One line for a person; ``match`` gives each case its type."""
    match event:
        case VmStateChanged(body=body):
            return f"VM {body.vm_id} went from {body.previous_state} to {body.current_state}"
        case HostVmStateChanged(body=body):
            return f"on {body.host_id}: VM {body.event.vm_id} is {body.event.current_state} now"
        case HostHealthUpdate(body=body):
            return f"host {body.host_id} is {body.state}"
        case HostStateChanged(body=body):
            return f"host {body.host_id} went from {body.previous_state} to {body.current_state}"
        case UnknownEvent():
            return f"something newer than this client: {event.channel}/{event.message}"
        case _:
            return type(event).__name__


async def show_events(events: AsyncSubscription[Event | InvalidEvent | Gap], seconds: float | None) -> None:
    """Print events as they come, for some seconds or for ever."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for event in events:
                if isinstance(event, InvalidEvent):
                    print(f"  a message that breaks the spec: {event.reason} at {event.path}", flush=True)
                    continue
                if isinstance(event, Gap):
                    print(f"  events are missing here: {event}", flush=True)
                    continue
                late = "" if event.channel in events.channels else "  (sent before the channel was dropped)"
                print(f"  {event.channel:<13} {describe(event)}{late}", flush=True)


async def demo(keep_running: bool) -> None:
    """The whole story, top to bottom."""
    token = secrets.token_urlsafe(16)
    async with hub_process(token) as url, AsyncEventsHub(url, token=token) as hub:
        print(f"A hub with a simulated fleet is running on {url}.")
        async with hub.subscribe("pdfm", "orchestrator", "system", "health") as events:
            print(f"Connected as {events.welcome.body.client_id}; channels: {', '.join(events.channels)}.\n")
            await show_events(events, SECONDS_OF_EVENTS)

            round_trip = await events.ping()
            print(f"\nPing: the hub's pong came after {round_trip.total_seconds() * 1000:.1f} ms.")
            print(f"Client ID, asked for on the socket: {await events.client_id()}")

            answer = await events.unsubscribe("pdfm")
            print(f"Unsubscribed over REST: {answer.message!r}; left: {', '.join(events.channels)}\n")
            await show_events(events, None if keep_running else SECONDS_OF_EVENTS / 2)
    print("\nDone: the socket is closed and the hub has ended.")


def main() -> None:
    """Run the demo; Ctrl-C ends it cleanly."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep-running", action="store_true", help="go on printing events until Ctrl-C")
    arguments = parser.parse_args()
    # Whoever ends the demo, its hub ends with it.
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    try:
        asyncio.run(demo(arguments.keep_running))
    except KeyboardInterrupt:
        print("\nStopped.")
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except EventsHubError as error:
        sys.exit(f"The demo failed: {error}")


if __name__ == "__main__":
    main()
