"""Hubs to be compared, each as a process: ``python -m bench.fanout.servers KIND BATCH``.

It prints where it listens, publishes when it gets a datagram, and prints its CPU time and memory when asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import resource
import socket
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.server import ServerConnection, broadcast, serve

from eventshub_mockserver import HubConfig, HubServer, Limits, Token

FLUSH_SECONDS = 0.1
Publish = Callable[[Sequence[int]], Awaitable[None] | None]


def event(number: int) -> dict[str, Any]:
    """What every hub but ours, which has it from its spec, sends as it is."""
    return {
        "id": "0123456789abcdef" * 4,
        "event_type": "pdfm",
        "timestamp": "2030-01-01T00:00:00.000000Z",
        "message": "VM_STATE_CHANGED",
        "body": body(number),
    }


def body(number: int) -> dict[str, str]:
    """The event's data; the number is what the subscriber knows it by."""
    return {"vm_id": f"{number:08}", "previous_state": "stopped", "current_state": "running"}


compact = json.JSONEncoder(separators=(",", ":")).encode


def memory_bytes() -> int:
    """Resident now, not at most."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def obey(port: int, path: str, batch: int, publish: Publish) -> None:
    """Say where the hub is, then publish and report as the datagrams want it."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trigger:
        trigger.bind(("127.0.0.1", 0))
        trigger.settimeout(0)
        idle = memory_bytes()
        print(json.dumps({"port": port, "trigger": trigger.getsockname()[1], "path": path}), flush=True)
        began = 0.0
        connected = 0
        while True:
            what, number = (await loop.sock_recv(trigger, 64)).split()
            if what == b"start":
                gc.collect()
                gc.freeze()
                connected, began = memory_bytes() - idle, time.process_time()
            elif what == b"report":
                taken = time.process_time() - began
                print(
                    json.dumps({"cpu": taken, "connected": connected, "memory": memory_bytes() - idle}),
                    flush=True,
                )
                return
            else:
                first = int(number)
                done = publish(range(first, first + batch))
                if done is not None:
                    await done


async def run_hub(batch: int, flush_interval: float = 0) -> None:
    """Ours, as an application gets it, but for the limit of one connection."""
    config = HubConfig(
        credentials=(Token("bench", "token"),),
        connections_per_address=None,
        limits=Limits(connections=100_000),
        flush_interval=flush_interval,
    )

    def publish(numbers: Sequence[int]) -> None:
        for number in numbers:
            hub.publish("pdfm", "VM_STATE_CHANGED", body(number))

    async with HubServer(config) as hub:
        path = "/v1/ws/subscribe?event_types=pdfm&access_token=token"
        await obey(hub.port, path, batch, publish)


async def run_websockets(batch: int) -> None:
    """The broadcast that the library websockets brings."""
    connections: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()

    def publish(numbers: Sequence[int]) -> None:
        for number in numbers:
            broadcast(connections, compact(event(number)))

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await obey(port, "/", batch, publish)


async def run_flusher(batch: int) -> None:
    """A queue for each client, emptied every 100 ms, each event serialised for each client."""
    queues: dict[ServerConnection, deque[dict[str, Any]]] = {}

    async def handle(connection: ServerConnection) -> None:
        queue = queues[connection] = deque()
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            while queue:
                await connection.send(compact(queue.popleft()))

    def publish(numbers: Sequence[int]) -> None:
        for number in numbers:
            one = event(number)
            for queue in queues.values():
                queue.append(one)

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await obey(port, "/", batch, publish)


async def run_starlette(batch: int) -> None:
    """The list of connections that tutorials of Starlette and FastAPI keep."""
    connections: list[WebSocket] = []

    async def handle(connection: WebSocket) -> None:
        await connection.accept()
        connections.append(connection)
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await connection.receive_text()

    async def publish(numbers: Sequence[int]) -> None:
        for number in numbers:
            text = compact(event(number))
            for connection in connections:
                await connection.send_text(text)

    application = Starlette(routes=[WebSocketRoute("/", handle)])
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(application, log_level="critical", ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    await obey(listener.getsockname()[1], "/", batch, publish)
    serving.cancel()


KINDS: Mapping[str, Callable[[int], Coroutine[None, None, None]]] = {
    "hub": run_hub,
    "hub, 10 ms": partial(run_hub, flush_interval=0.01),
    "websockets": run_websockets,
    "starlette": run_starlette,
    "flusher": run_flusher,
}

if __name__ == "__main__":
    uvloop.run(KINDS[sys.argv[1]](int(sys.argv[2])))
