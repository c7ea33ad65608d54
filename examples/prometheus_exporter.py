"""Count events, gaps and VM states for Prometheus, at ``http://127.0.0.1:9464/metrics``."""

from __future__ import annotations

import asyncio
import os
import sys

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, start_http_server

from eventshub import (
    AsyncEventsHub, Connected, Disconnected, Dropped, EventsHubError, InvalidEvent, Reconnected, UnknownEvent,
    VmRemoved, VmStateChanged,
)  # fmt: skip


async def export(hub: AsyncEventsHub, registry: CollectorRegistry = REGISTRY) -> None:
    received = Counter("eventshub_events", "Events received", ["channel", "message"], registry=registry)
    gaps = Counter("eventshub_gaps", "Points at which events are missing", registry=registry)
    missed = Counter("eventshub_gap_seconds", "Time without a connection", registry=registry)
    connected = Gauge("eventshub_connected", "Whether there is a connection", registry=registry)
    vms = Gauge("eventshub_vms", "VMs seen, by state", ["state"], registry=registry)
    states: dict[str, str] = {}

    def move(vm_id: str, state: str | None) -> None:
        if (before := states.pop(vm_id, None)) is not None:
            vms.labels(before).dec()
        if state is not None:
            states[vm_id] = state
            vms.labels(state).inc()

    async with hub.subscribe("pdfm", "orchestrator", "health", notices="all") as events:
        async for event in events:
            match event:
                case Connected():
                    connected.set(1)
                case Disconnected():
                    connected.set(0)
                case Reconnected() | Dropped():
                    connected.set(1)
                    gaps.inc()
                    missed.inc(event.gap.total_seconds() if isinstance(event, Reconnected) else 0)
                case UnknownEvent() | InvalidEvent():
                    # One label for all: names that nobody has listed could be without number.
                    received.labels("other", type(event).__name__).inc()
                case _:
                    received.labels(event.channel, event.message).inc()
                    if isinstance(event, VmStateChanged):
                        move(
                            event.body.vm_id,
                            str(event.body.current_state) if event.body.current_state.is_known else "other",
                        )
                    elif isinstance(event, VmRemoved):
                        move(event.body.vm_id, None)


if __name__ == "__main__":
    server, thread = start_http_server(int(os.environ.get("METRICS_PORT", "9464")), addr="127.0.0.1")
    try:
        asyncio.run(export(AsyncEventsHub()))
    except EventsHubError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        server.shutdown()
