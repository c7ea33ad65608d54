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
    """Looks at the clocks when a loop has counted so far: the loops count by themselves, which costs least.

    The last look ends the process: who never reads answers no close frame.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._warm = self._cpu = self._wall = 0.0

    def look(self, count: int) -> int:
        """Take note; what comes back is the count at which to look again."""
        if count == 1:
            self._cpu, self._wall = time.process_time(), time.perf_counter()
            return min(WARM, self._count)
        if count < self._count:
            self._warm = resident_megabytes()
            return self._count
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
    count, look_at = 0, 1
    async with websockets.connect(stream_url(url)) as socket:
        async for raw in socket:
            json.loads(raw)
            count += 1
            if count == look_at:
                look_at = meter.look(count)


def sync_snippet(url: str, meter: Meter) -> None:
    count, look_at = 0, 1
    with connect(stream_url(url)) as socket:
        for raw in socket:
            json.loads(raw)
            count += 1
            if count == look_at:
                look_at = meter.look(count)


async def client(url: str, meter: Meter, transport: Literal["websockets", "picows"]) -> None:
    count, look_at = 0, 1
    async with AsyncEventsHub(url, token="t", transport=transport).subscribe("pdfm") as events:
        async for _ in events:
            count += 1
            if count == look_at:
                look_at = meter.look(count)


def sync_client(url: str, meter: Meter, transport: Literal["websockets", "picows"]) -> None:
    count, look_at = 0, 1
    with EventsHub(url, token="t", transport=transport).subscribe("pdfm") as events:
        for _ in events:
            count += 1
            if count == look_at:
                look_at = meter.look(count)


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
