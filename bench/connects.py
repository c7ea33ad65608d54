"""Ten thousand clients come and go in five ways, and leave nothing: ``python -m bench.connects [NUMBER]``.

The hub is a process of its own, on the event loop that ``serve`` uses. After each tenth of the clients it
says what it holds. Fails when a connection, a task or a file descriptor is left over, or when memory has a
trend.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import sys
import tracemalloc
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

import uvloop
from tests.mockserver.raw_peer import CLOSE, RawPeer

from eventshub_mockserver import HubConfig, HubServer, Token

from .soak import megabytes

NUMBER = 10_000
STEPS = 10
AT_ONCE = 50
PATIENCE = 10
GROWTH_KILOBYTES = 50.0
GROWTH_MEGABYTES = 2.0
TOKEN = "soak"
PATH = "/v1/ws/subscribe"


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a hub process holds while nobody is there."""

    connections: int
    tasks: int
    files: int
    kilobytes: float
    """Of what Python has allocated and not freed."""
    resident: float
    """In megabytes, with all that is not Python's."""

    def __str__(self) -> str:
        return (
            f"{self.connections} connections, {self.tasks} tasks, {self.files} file descriptors, "
            f"{self.kilobytes:.1f} kB allocated, {self.resident:.1f} MB resident"
        )


def holdings(hub: HubServer) -> Holdings:
    """What this process holds."""
    gc.collect()
    return Holdings(
        connections=len(hub.connections),
        tasks=len(asyncio.all_tasks()),
        files=len(list(Path("/proc/self/fd").iterdir())),
        kilobytes=tracemalloc.get_traced_memory()[0] / 1000,
        resident=megabytes(os.getpid()),
    )


async def settled(hub: HubServer, tasks: int) -> None:
    """The last clients have gone and everything that served them has ended."""
    async with asyncio.timeout(PATIENCE):
        while hub.connections or len(asyncio.all_tasks()) > tasks:  # noqa: ASYNC110 - has no event
            await asyncio.sleep(0.01)


async def serve() -> None:
    """Be the hub; a line on standard input asks for a line of holdings, its end is the end."""
    tracemalloc.start()
    loop = asyncio.get_running_loop()
    async with HubServer(HubConfig(credentials=(Token("soak", TOKEN),), connections_per_address=None)) as hub:
        print(hub.url, flush=True)
        idle_tasks = len(asyncio.all_tasks())
        while await loop.run_in_executor(None, sys.stdin.readline):
            with contextlib.suppress(TimeoutError):
                await settled(hub, idle_tasks)
            print(json.dumps(asdict(holdings(hub))), flush=True)


async def come_and_go(url: str, number: int) -> None:
    """Be one client; the way depends on the number."""
    peer = await RawPeer.dial(url)
    way = number % 5
    try:
        if way == 0:  # leaves before it is answered
            return
        answer = await peer.upgrade(PATH, {"Authorization": f"Bearer {TOKEN}"} if way > 1 else {})
        if answer.status != (101 if way > 1 else 401):
            raise SystemExit(f"the hub answered {answer}")
        if way == 3:  # leaves in good order
            await peer.read_frame()
            peer.send(CLOSE, b"\x03\xe8")
            await peer.read_close()
        elif way == 4:
            peer.reset()
    finally:
        await peer.end()


def trends(seen: Sequence[Holdings]) -> tuple[float, float]:
    """By how much allocated kilobytes and resident megabytes grew, once caches and pools are full."""
    early, late = seen[2:5], seen[-3:]
    return (
        mean(held.kilobytes for held in late) - mean(held.kilobytes for held in early),
        mean(held.resident for held in late) - mean(held.resident for held in early),
    )


async def soak(number: int) -> int:
    """Print what came of it; the exit code."""
    hub = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.connects", "serve"), stdin=PIPE, stdout=PIPE
    )
    commands, answers = hub.stdin, hub.stdout
    assert commands is not None
    assert answers is not None

    async def ask(label: str) -> Holdings:
        commands.write(b"\n")
        held = Holdings(**json.loads(await answers.readline()))
        print(f"{label:>8}: {held}", flush=True)
        return held

    try:
        url = (await answers.readline()).decode().strip()
        idle = await ask("idle")
        seen: list[Holdings] = []
        for step in range(STEPS):
            for start in range(0, number // STEPS, AT_ONCE):
                await asyncio.gather(*(come_and_go(url, start + each) for each in range(AT_ONCE)))
            seen.append(await ask(f"{(step + 1) * number // STEPS:,}"))
    finally:
        commands.close()
        await hub.wait()
    kilobytes, resident = trends(seen)
    print(
        f"after a third, allocated memory grew by {kilobytes:.1f} kB, {GROWTH_KILOBYTES:g} are allowed; "
        f"resident memory by {resident:.2f} MB, {GROWTH_MEGABYTES} are allowed"
    )
    left = any(held.connections or held.tasks > idle.tasks or held.files > idle.files for held in seen)
    if left:
        print("connections, tasks or file descriptors are left over", file=sys.stderr)
    return 1 if left or kilobytes > GROWTH_KILOBYTES or resident > GROWTH_MEGABYTES else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        uvloop.run(serve())
    else:
        sys.exit(asyncio.run(soak(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER)))
