"""Small servers that do exactly what a test says, on real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from tests.sdk import frames
from tests.sdk.twins import HubInThreads, TwinName
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request

from eventshub import AsyncEventsHub, EventsHub

TOKEN = "hunter2-token"
twin: TwinName = "asyncio"
Script = Callable[["Peer"], Awaitable[None]]


class Peer:
    """The hub's end of one connection."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection

    @property
    def request(self) -> Request:
        assert self.connection.request is not None
        return self.connection.request

    async def send(self, *messages: bytes) -> None:
        for message in messages:
            await self.connection.send(message, text=True)

    async def command(self) -> dict[str, Any]:
        """The next command of the client."""
        command: dict[str, Any] = json.loads(await self.connection.recv())
        return command

    async def answer_pings(self) -> None:
        while True:
            await self.send(frames.pong((await self.command())["id"]))

    async def until_closed(self) -> None:
        await self.connection.wait_closed()


class ScriptedHub:
    """A WebSocket server that runs a script for each connection."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self.closures: asyncio.Queue[tuple[int | None, str | None]] = asyncio.Queue()


@asynccontextmanager
async def scripted_hub(script: Script, **options: Any) -> AsyncGenerator[ScriptedHub]:
    """Run a script for each connection; a connection that the client ends ends its script."""
    hub = ScriptedHub()

    async def handle(connection: ServerConnection) -> None:
        peer = Peer(connection)
        hub.requests.append(peer.request)
        try:
            await script(peer)
        except ConnectionClosed:
            pass
        finally:
            await connection.close()
            hub.closures.put_nowait((connection.close_code, connection.close_reason))

    async with serve(handle, "127.0.0.1", 0, compression=None, **options) as server:
        host, port = next(iter(server.sockets)).getsockname()[:2]
        hub.url = f"{'https' if 'ssl' in options else 'http'}://{host}:{port}"
        yield hub


class RawServer:
    """A TCP server that answers whatever it is asked with fixed bytes."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[bytes] = []


@asynccontextmanager
async def raw_server(*answers: bytes | None, **options: Any) -> AsyncGenerator[RawServer]:
    """Answer requests one after the other, the last answer for all that follow; None never answers."""
    raw = RawServer()
    waiting = list(answers)
    released = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            _, _, length = head.lower().partition(b"content-length:")
            body = await reader.readexactly(int(length.split(b"\r\n")[0] or 0))
            raw.requests.append(head + body)
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if answer is None:
                await released.wait()
            else:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, **options)
    host, port = server.sockets[0].getsockname()[:2]
    raw.url = f"{'https' if 'ssl' in options else 'http'}://{host}:{port}"
    try:
        yield raw
    finally:
        released.set()
        server.close()
        await server.wait_closed()


def http_answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP/1.1 answer, as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def client(url: str, **changes: Any) -> AsyncEventsHub:
    """A client that stays with its first connection and its first answer, unless told otherwise."""
    options: dict[str, Any] = {"token": TOKEN, "reconnect": None, "max_retries": 0, **changes}
    if twin == "threads":
        return cast("AsyncEventsHub", HubInThreads(EventsHub(url, **options)))
    return AsyncEventsHub(url, **options)


def sends(*messages: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.send(*messages)
        await peer.until_closed()

    return script


async def answers(peer: Peer) -> None:
    await peer.send(frames.welcome("pdfm", "health", "global"))
    await peer.answer_pings()
