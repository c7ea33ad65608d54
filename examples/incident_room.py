"""The feed of an incident room: what operators announce, and one domain: ``incident_room.py orchestrator``."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from eventshub import (
    Announcement, AsyncEventsHub, Event, EventsHubError, Gap, GlobalError, InvalidEvent, MaintenanceScheduled,
    Reconnected, Shutdown, UnknownEvent,
)  # fmt: skip


def describe(event: Event | InvalidEvent | Gap) -> str:
    match event:
        case Announcement(body=body):
            return f"[{body.severity.upper()}] {body.text} {body.link or ''}"
        case MaintenanceScheduled(body=body):
            end = f" to {body.ends_at:%d %b %H:%M}" if body.ends_at else ""
            return f"[MAINTENANCE] {body.starts_at:%d %b %H:%M}{end} UTC: {body.text}"
        case Shutdown(body=body):
            return f"[SHUTDOWN] the hub goes away: {(body and body.reason) or 'no reason given'}"
        case GlobalError(body=body):
            return f"[HUB ERROR] {body.error}"
        case Reconnected():
            return f"--- nothing was received for {event.gap.total_seconds():.0f} s: ask the others ---"
        case InvalidEvent():
            return f"(a message that breaks the specification: {event.reason} at {event.path})"
        case UnknownEvent():
            return f"{event.channel} {event.message} {event.payload.get('body', '')}"
        case _:
            return str(event)


async def feed(hub: AsyncEventsHub, domain: str) -> None:
    # `global` comes with every subscription.
    async with hub.subscribe(domain) as events:
        if domain in events.channels_refused:
            sys.exit(f"the hub has no channel {domain!r}")
        async for event in events:
            text = "".join(each if each.isprintable() else "�" for each in describe(event))
            print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(feed(AsyncEventsHub(), sys.argv[1] if len(sys.argv) > 1 else "orchestrator"))
    except EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(0)
