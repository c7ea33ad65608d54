"""The servers that the fan-out bench compares, each in a process of its own.

``python -m bench.fanout_servers KIND``: prints its port; for each line ``EVENTS JOINED PAUSE_US`` of its
input it publishes that many events, JOINED of them in one turn of the event loop, and prints the microseconds
of CPU for each delivery. It ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import uvloop

TOKEN = "bench"
BODY = {
    "vm_id": "8e1f0a7c-94b4-4f0c-a0c5-3f5b1f0a7c94",
    "previous_state": "stopped",
    "current_state": "running",
}
EVENT = {
    "id": "0" * 64,
    "event_type": "pdfm",
    "message": "VM_STATE_CHANGED",
    "timestamp": "2026-01-01T00:00:00.000000Z",
    "body": BODY,
}
TEXT = json.dumps(EVENT, separators=(",", ":"))
FRAME_SIZE = len(TEXT) + 4

Publish = Callable[[int], Awaitable[None]]
"""Publishes so many events in one turn."""


async def answer_requests(publish: Publish, count: Callable[[], int], settle: float = 0.0) -> None:
    """Do as the bench says until its input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        events, joined, pause = map(int, line.split())
        before = time.process_time()
        for _ in range(events // joined):
            await publish(joined)
            await asyncio.sleep(pause / 1e6)
        await asyncio.sleep(settle)
        taken = time.process_time() - before
        print(taken * 1e6 / (events * count()), flush=True)


async def ours() -> None:
    from eventshub_mockserver import HubConfig, HubServer, Limits, Token

    config = HubConfig(
        credentials=(Token("bench", TOKEN),),
        connections_per_address=None,
        limits=Limits(ping_interval=3600, pong_timeout=7200),
    )
    async with HubServer(config) as hub:
        print(hub.port, flush=True)

        async def publish(joined: int) -> None:
            for _ in range(joined):
                hub.publish("pdfm", "VM_STATE_CHANGED", BODY)

        await answer_requests(publish, lambda: len(hub.connections))


async def websockets_broadcast() -> None:
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    async def handler(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(handler, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)

        async def publish(joined: int) -> None:
            for _ in range(joined):
                broadcast(server.connections, json.dumps(EVENT))

        await answer_requests(publish, lambda: len(server.connections))


async def starlette() -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocket, WebSocketDisconnect

    connections: set[WebSocket] = set()

    async def subscribe(connection: WebSocket) -> None:
        await connection.accept()
        connections.add(connection)
        with suppress(WebSocketDisconnect):
            await connection.receive_text()
        connections.discard(connection)

    async def publish(joined: int) -> None:
        for _ in range(joined):
            text = json.dumps(EVENT)
            for connection in connections:
                await connection.send_text(text)

    application = Starlette(routes=[WebSocketRoute("/v1/ws/subscribe", subscribe)])
    config = uvicorn.Config(
        application, log_config=None, ws_per_message_deflate=False, ws_ping_interval=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(listener.getsockname()[1], flush=True)
        serving = asyncio.create_task(server.serve([listener]))
        await answer_requests(publish, lambda: len(connections))
        server.force_exit = server.should_exit = True
        await serving


async def flusher() -> None:
    """Queues for each client, serialises for each client, and writes every 100 ms."""
    from websockets.asyncio.server import ServerConnection, serve

    queues: dict[ServerConnection, deque[Mapping[str, Any]]] = {}

    async def handler(connection: ServerConnection) -> None:
        queues[connection] = deque()
        await connection.wait_closed()
        del queues[connection]

    async def flush() -> None:
        while True:
            await asyncio.sleep(0.1)
            for connection, queue in list(queues.items()):
                while queue:
                    await connection.send(json.dumps(queue.popleft()))

    async def publish(joined: int) -> None:
        for queue in queues.values():
            queue.extend([EVENT] * joined)

    async with serve(handler, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        flushing = asyncio.create_task(flush())
        await answer_requests(publish, lambda: len(queues), settle=0.3)
        flushing.cancel()


KINDS: Mapping[str, Callable[[], Awaitable[None]]] = {
    "ours": ours,
    "websockets.broadcast": websockets_broadcast,
    "Starlette + uvicorn": starlette,
    "100 ms flusher": flusher,
}


async def main() -> None:
    await KINDS[sys.argv[1]]()


if __name__ == "__main__":
    uvloop.run(main())
