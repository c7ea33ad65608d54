"""Ten minutes of events to many subscribers while others come and go: ``python -m bench.soak [SECONDS]``.

Fails when a delivery is lost or the hub's memory grows after the first fifth of the time.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from .fanout.runs import ROOT, NotBuiltError, build

SECONDS = 600
SUBSCRIBERS = 200
EVENTS_PER_SECOND = 50
COMERS_PER_SECOND = 20
GROWTH_MEGABYTES = 2.0
PIPE = asyncio.subprocess.PIPE


async def come_and_go(url: str, until: float) -> int:
    """Connect, read one message and leave, as often as the rate says; the number of times."""
    times = 0
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            async with session.ws_connect(url, compress=0) as socket:
                await socket.receive()
            times += 1
            await asyncio.sleep(1 / COMERS_PER_SECOND)
    return times


def megabytes(process: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def sample_memory(process: int, until: float, every: float) -> list[float]:
    """Resident memory, every so many seconds."""
    taken: list[float] = []
    while time.monotonic() < until:
        await asyncio.sleep(every)
        taken.append(megabytes(process))
        print(f"{until - time.monotonic():6.0f} s left, {taken[-1]:.1f} MB", flush=True)
    return taken


async def soak(seconds: float, programs: Path) -> int:
    """Print what came of it; the exit code."""
    hub = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.fanout.servers", "hub", "1", cwd=ROOT, stdout=PIPE
    )
    assert hub.stdout is not None
    told = json.loads(await hub.stdout.readline())
    events = int(seconds * EVENTS_PER_SECOND)
    words = (told["port"], told["trigger"], told["path"], SUBSCRIBERS, events, 1, EVENTS_PER_SECOND, 0)
    sink = await asyncio.create_subprocess_exec(
        programs / "stream_sink", *map(str, words), stdin=PIPE, stdout=PIPE
    )
    assert sink.stdout is not None
    until = time.monotonic() + seconds
    url = f"http://127.0.0.1:{told['port']}{told['path']}"
    memory, comers = await asyncio.gather(
        sample_memory(hub.pid, until, seconds / 20), come_and_go(url, until)
    )
    got = json.loads(await sink.stdout.readline())
    await sink.communicate(os.linesep.encode())
    await hub.wait()
    lost = got["wanted"] - got["deliveries"]
    grown = statistics.mean(memory[-4:]) - statistics.mean(memory[4:8])
    print(f"{got['deliveries']:,} deliveries, {lost} lost; p99 {got['p99'] / 1000:.1f} ms; {comers:,} comers")
    print(f"memory grew by {grown:.2f} MB after the first fifth, {GROWTH_MEGABYTES} are allowed")
    return 1 if lost or grown > GROWTH_MEGABYTES else 0


def main() -> int:
    """Run for as long as is said."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        try:
            build(Path(folder))
        except NotBuiltError as error:
            sys.exit(f"the load of the soak is a program in C: {error}")
        return asyncio.run(soak(seconds, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
