"""Count events and gaps for Prometheus, at ``http://127.0.0.1:9464/metrics``."""

from __future__ import annotations

import asyncio
import os
import sys

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, start_http_server

import eventshub


async def export(hub: eventshub.AsyncEventsHub, registry: CollectorRegistry = REGISTRY) -> None:
    received = Counter("eventshub_events", "Events received", ["channel", "message"], registry=registry)
    gaps = Counter("eventshub_gaps", "Points at which events are missing", registry=registry)
    offline = Counter("eventshub_offline_seconds", "Time without a connection", registry=registry)
    dropped = Counter("eventshub_dropped", "Events dropped before they were counted", registry=registry)
    connected = Gauge("eventshub_connected", "Whether there is a connection", registry=registry)
    last = Gauge("eventshub_last_event_timestamp_seconds", "When the hub published it", registry=registry)

    async with hub.subscribe("pdfm", "orchestrator", "system", "health", notices="all") as events:
        async for event in events:
            match event:
                case eventshub.Connected():
                    connected.set(1)
                case eventshub.Disconnected():
                    connected.set(0)
                case eventshub.Reconnected(gap=gap):
                    connected.set(1)
                    gaps.inc()
                    offline.inc(gap.total_seconds())
                case eventshub.Dropped(count=count):
                    gaps.inc()
                    dropped.inc(count)
                case eventshub.ChannelsRefused(channels=channels):
                    print("not granted:", *channels, file=sys.stderr)
                case eventshub.UnknownEvent() | eventshub.InvalidEvent():
                    # One label for all of them: the names that a peer may send are without number.
                    received.labels("other", type(event).__name__).inc()
                case _:
                    received.labels(event.channel, event.message).inc()
                    if event.timestamp:
                        last.set(event.timestamp.timestamp())


if __name__ == "__main__":
    server, thread = start_http_server(int(os.environ.get("METRICS_PORT", "9464")), addr="127.0.0.1")
    try:
        asyncio.run(export(eventshub.AsyncEventsHub()))
    except eventshub.EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(0)
    finally:
        server.shutdown()
        thread.join()
