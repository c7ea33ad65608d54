"""A hub on loopback that does nothing of its own accord: a case says what becomes of each connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Final

from ..traffic import CaseTraffic
from .conversation import Conversation
from .visit import Visit
from .wire import BrokenOff, read_request

LOOPBACK: Final = "127.0.0.1"
_HEAD_LIMIT: Final = 64 * 1024


class Adversary:
    """Listens on a port of its own, and hands every connection to whoever waits for one."""

    def __init__(
        self, log: Conversation, traffic: CaseTraffic, name: str = "hub", tls: ssl.SSLContext | None = None
    ) -> None:
        self._log = log
        self._traffic = traffic
        self._tls = tls
        self._name = name
        self._reserved: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._visits: asyncio.Queue[Visit] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._script: Callable[[Visit], Awaitable[None]] | None = None
        self.port = 0
        self.seen: list[Visit] = []
        """Every connection that brought a request, oldest first."""

    async def open(self) -> None:
        """Reserve a port, and listen on it."""
        # A second socket of the same port, which never listens, keeps it while the first one is closed.
        self._reserved = _bound(0)
        self.port = int(self._reserved.getsockname()[1])
        await self.listen()

    async def listen(self) -> None:
        """Take connections."""
        wire = _bound(self.port)
        self._server = await asyncio.start_server(
            self._arrived, sock=wire, limit=_HEAD_LIMIT, backlog=256, ssl=self._tls
        )

    async def refuse_connections(self) -> None:
        """Stop listening: the system refuses every connection from now on."""
        if self._server is not None:
            self._server.close()
            self._server = None
        # What is in the system's queue is seen by the server before it is gone.
        await asyncio.sleep(0)

    def answer_each(self, script: Callable[[Visit], Awaitable[None]]) -> None:
        """Have a script run for each connection from now on; `visit` gives none any more."""
        self._script = script

    async def visit(self, within: float) -> Visit | None:
        """The next connection that nobody has taken yet; None: none came in time."""
        try:
            return await asyncio.wait_for(self._visits.get(), within)
        except TimeoutError:
            return None

    async def close(self) -> None:
        """End everything."""
        await self.refuse_connections()
        if self._reserved is not None:
            self._reserved.close()
        for visit in self.seen:
            visit.abort()
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived = time.monotonic()
        self._writers.add(writer)
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            request = await read_request(reader)
        except BrokenOff:
            writer.close()
            return
        visit = Visit(
            len(self.seen) + 1, request, reader, writer, arrived, self._log, self._traffic, self._name
        )
        self.seen.append(visit)
        if self._script is None:
            self._visits.put_nowait(visit)
        else:
            with contextlib.suppress(BrokenOff):
                await self._script(visit)


def _bound(port: int) -> socket.socket:
    wire = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    wire.bind((LOOPBACK, port))
    return wire
