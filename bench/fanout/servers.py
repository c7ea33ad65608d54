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
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import trustme
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.server import ServerConnection, broadcast, serve

from eventshub_mockserver import HubConfig, HubServer, Limits, Token

FLUSH_SECONDS = 0.1
Publish = Callable[[Sequence[int]], None]


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
    idle = memory_bytes()
    began = 0.0
    connected = 0
    reported = loop.create_future()

    def take() -> None:
        nonlocal began, connected
        what, number = trigger.recv(64).split()
        if what == b"event":
            first = int(number)
            publish(range(first, first + batch))
        elif what == b"start":
            gc.collect()
            gc.freeze()
            connected, began = memory_bytes() - idle, time.process_time()
        else:
            print(json.dumps({"cpu": time.process_time() - began, "connected": connected}), flush=True)
            reported.set_result(None)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trigger:
        trigger.bind(("127.0.0.1", 0))
        trigger.settimeout(0)
        # What waits for a datagram anew each time costs as much as ten deliveries.
        loop.add_reader(trigger, take)
        print(json.dumps({"port": port, "trigger": trigger.getsockname()[1], "path": path}), flush=True)
        await reported
        loop.remove_reader(trigger)


def made_up_certificate() -> ssl.SSLContext:
    """A server's TLS with a certificate of its own making."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    return context


async def run_hub(batch: int, flush_interval: float = 0, *, has_tls: bool = False) -> None:
    """Ours, as an application gets it, but for the limit of one connection."""
    config = HubConfig(
        tls=made_up_certificate() if has_tls else None,
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

    waiting: asyncio.Queue[Sequence[int]] = asyncio.Queue()

    async def send() -> None:
        while True:
            for number in await waiting.get():
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
    sending = asyncio.create_task(send())
    await obey(listener.getsockname()[1], "/", batch, waiting.put_nowait)
    sending.cancel()
    serving.cancel()


KINDS: Mapping[str, Callable[[int], Coroutine[None, None, None]]] = {
    "hub": run_hub,
    "hub, 10 ms": partial(run_hub, flush_interval=0.01),
    "hub, TLS": partial(run_hub, has_tls=True),
    "websockets": run_websockets,
    "starlette": run_starlette,
    "flusher": run_flusher,
}

if __name__ == "__main__":
    uvloop.run(KINDS[sys.argv[1]](int(sys.argv[2])))
