"""A client in a process of its own: ``python -m bench.consumer KIND URL COUNT`` prints what it cost, as JSON.

Counted is from the first event to the last. The snippets are what the user guide shows, without printing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import websockets
from websockets.sync.client import connect

from eventshub import AsyncEventsHub, EventsHub

WARM = 100_000
"""After so many events everything that is made once has been made."""


@dataclass
class Cost:
    """Of one run."""

    cpu_seconds: float
    wall_seconds: float
    megabytes_when_warm: float
    megabytes: float


class Meter:
    """Counts events up to a number, then ends the process: who never reads answers no close frame."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._warm_at = count - WARM
        self._warm = self._cpu = self._wall = 0.0

    def take(self, event: object) -> None:  # noqa: ARG002 - it has to be made, whatever it is
        """Count one."""
        if not self._cpu:
            self._cpu, self._wall = time.process_time(), time.perf_counter()
        self._left -= 1
        if self._left == self._warm_at:
            self._warm = resident_megabytes()
        if not self._left:
            cost = Cost(
                cpu_seconds=time.process_time() - self._cpu,
                wall_seconds=time.perf_counter() - self._wall,
                megabytes_when_warm=self._warm,
                megabytes=resident_megabytes(),
            )
            print(json.dumps(asdict(cost)), flush=True)
            os._exit(0)


def resident_megabytes() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def snippet(url: str, meter: Meter) -> None:
    async with websockets.connect(stream_url(url)) as socket:
        async for raw in socket:
            meter.take(json.loads(raw))


def sync_snippet(url: str, meter: Meter) -> None:
    with connect(stream_url(url)) as socket:
        for raw in socket:
            meter.take(json.loads(raw))


async def client(url: str, meter: Meter, transport: Literal["websockets", "picows"]) -> None:
    async with AsyncEventsHub(url, token="t", transport=transport).subscribe("pdfm") as events:
        async for event in events:
            meter.take(event)


def sync_client(url: str, meter: Meter, transport: Literal["websockets", "picows"]) -> None:
    with EventsHub(url, token="t", transport=transport).subscribe("pdfm") as events:
        for event in events:
            meter.take(event)


def stream_url(url: str) -> str:
    return url.replace("http", "ws", 1) + "/v1/ws/subscribe?event_types=pdfm"


def main() -> None:
    kind, url, count = sys.argv[1:]
    meter = Meter(int(count))
    match kind:
        case "snippet":
            asyncio.run(snippet(url, meter))
        case "sync snippet":
            sync_snippet(url, meter)
        case "websockets" | "picows":
            asyncio.run(client(url, meter, kind))
        case "sync websockets":
            sync_client(url, meter, "websockets")
        case "sync picows":
            sync_client(url, meter, "picows")
        case _:
            sys.exit(f"there is no consumer {kind!r}")


if __name__ == "__main__":
    main()
