"""What readers that have stopped cost the hub, and when they are freed; and how soon a new one is welcome."""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
from collections.abc import Iterator

import uvloop

from eventshub_mockserver import HubConfig, HubServer, Limits, Token

from ..figures import Figure, NotMeasured
from .servers import body, compact, event, memory_bytes

READERS = 20
TURN = 10
MOST_EVENTS = 60_000
LIMITS = Limits(ping_interval=3.0, pong_timeout=5.0, stall_timeout=60.0)
BUFFER = 64 * 1024
SMALL_BUFFER = 4096
WELCOMES = 50


async def subscribe(hub: HubServer, receive_buffer: int) -> socket.socket:
    """Shake hands and read the answer, with room for so many bytes more than that."""
    loop = asyncio.get_running_loop()
    peer = socket.socket()
    peer.settimeout(0)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    await loop.sock_connect(peer, ("127.0.0.1", hub.port))
    head = (
        f"GET /v1/ws/subscribe?event_types=pdfm&access_token=token HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await loop.sock_sendall(peer, head.encode())
    got = b""
    while b"WebSocket connection established" not in got:
        got += await loop.sock_recv(peer, 4096)
    return peer


async def gone(hub: HubServer) -> None:
    """Wait until nobody is connected."""
    while hub.connections:  # noqa: ASYNC110 - the hub has no event for it
        await asyncio.sleep(0.01)


async def welcome_seconds(hub: HubServer) -> float:
    """Median of the time from connecting until the welcome has been read."""
    taken: list[float] = []
    for _ in range(WELCOMES):
        began = time.perf_counter()
        with await subscribe(hub, BUFFER):
            taken.append(time.perf_counter() - began)
    await gone(hub)
    return statistics.median(taken)


async def fill(hub: HubServer) -> bool:
    """Publish until every queue is full; whether all readers are still there then.

    Before that the kernel's buffers are full, which take megabytes, and the transports'.
    """
    for number in range(MOST_EVENTS):
        hub.publish("pdfm", "VM_STATE_CHANGED", body(number))
        if number % TURN == 0:
            await asyncio.sleep(0)
        if number % LIMITS.queue_size == 0:
            depths = [connection["queue_depth"] for connection in hub.connections]
            if len(depths) < READERS:
                return False
            if min(depths) >= LIMITS.queue_size:
                return True
    return False


async def measure() -> tuple[float | None, float, float]:
    """Bytes for each stopped reader, seconds until the last is freed, seconds until a welcome."""
    config = HubConfig(credentials=(Token("bench", "token"),), connections_per_address=None, limits=LIMITS)
    async with HubServer(config) as hub:
        welcome = await welcome_seconds(hub)
        peers = [await subscribe(hub, SMALL_BUFFER) for _ in range(READERS)]
        stopped = time.perf_counter()
        before = memory_bytes()
        is_filled = await fill(hub)
        taken = (memory_bytes() - before) / READERS
        await gone(hub)
        freed = time.perf_counter() - stopped
        for peer in peers:
            peer.close()
    return taken if is_filled else None, freed, welcome


def stopped_figures() -> Iterator[Figure | NotMeasured]:
    """The rows of the table."""
    taken, freed, welcome = uvloop.run(measure())
    what = "memory of a reader that has stopped, its full queue included"
    if taken is None:
        yield NotMeasured(what, "the queues were not full before the readers were freed")
    else:
        ring = LIMITS.queue_size * len(compact(event(0)))
        yield Figure(what, taken / 1000, "kB", at_most=(ring + BUFFER) / 1000)
    due = LIMITS.ping_interval + LIMITS.pong_timeout + 1
    yield Figure("a reader that has stopped is freed after, elapsed", freed, "s", at_most=due)
    yield Figure("connect to welcome, elapsed", welcome * 1000, "ms", at_most=5)
