"""The feed of an incident room: what operators announce, and one domain (``orchestrator``, or as given)."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

import eventshub


def describe(event: object) -> str:
    match event:
        case eventshub.Announcement(body=body):
            return f"[{body.severity.upper()}] {body.text} {body.link or ''}"
        case eventshub.MaintenanceScheduled(body=body):
            end = f" to {body.ends_at:%d %b %H:%M}" if body.ends_at else ""
            return f"[MAINTENANCE] {body.starts_at:%d %b %H:%M}{end} UTC: {body.text}"
        case eventshub.Shutdown():
            return "[SHUTDOWN] the hub goes away for a while"
        case eventshub.GlobalError(body=body):
            return f"[HUB ERROR] {body.error}"
        case eventshub.HostHealthUpdate(body=body):
            return f"host {body.host_id} is {body.state}"
        case eventshub.Reconnected(gap=gap):
            return f"--- nothing was received for {gap.total_seconds():.0f} s: ask the others ---"
        case eventshub.Dropped(count=count):
            return f"--- {count} events came too fast to be shown ---"
        case eventshub.InvalidEvent():
            return f"(a message that breaks the specification: {event.reason} at {event.path})"
        case eventshub.Message():
            return str(event.payload)
        case _:
            return str(event)


async def feed(hub: eventshub.AsyncEventsHub, domain: str) -> None:
    # `global` comes with every subscription.
    async with hub.subscribe(domain) as events:
        if domain in events.channels_refused:
            sys.exit(f"the hub grants no channel {domain!r}")
        async for event in events:
            # What others wrote must not be able to steer this terminal.
            text = "".join(each if each.isprintable() else "?" for each in describe(event))
            print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(feed(eventshub.AsyncEventsHub(), sys.argv[1] if len(sys.argv) > 1 else "orchestrator"))
    except eventshub.EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(0)
