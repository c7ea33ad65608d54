"""One connection of the client under judgement, seen from the hub's side."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from websockets.frames import Opcode

from ..bundle import Json, as_object
from ..traffic import CaseTraffic
from .conversation import Conversation
from .wire import BrokenOff, Request, frame, read_message, response, upgrade

CLOSE_PATIENCE: Final = 2.0
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)

Reply = Callable[[dict[str, Json]], dict[str, Json] | None]


class Visit:
    """A request, and the WebSocket that may come of it."""

    def __init__(
        self,
        number: int,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        arrived: float,
        log: Conversation,
        traffic: CaseTraffic,
        hub: str,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._log = log
        self._traffic = traffic
        self._is_welcomed = False
        self._who = f"{hub}#{number}"
        self._commands: asyncio.Queue[dict[str, Json]] = asyncio.Queue()
        self._pongs: asyncio.Queue[bytes] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.request = request
        self.arrived = arrived
        """When the TCP connection came, on the monotonic clock."""
        self.answered = arrived
        """When the answer to the request was sent, on the monotonic clock."""
        self.client_id = ""
        """What the welcome said."""
        self.reply: Reply = _no_reply
        """What answers a command; None: nothing does."""
        self.ended = asyncio.Event()
        """Set when the client is gone, or has sent a close frame."""
        self.close_code: int | None = None
        """The code of the client's close frame; None: none came."""
        self.sent_texts: list[str] = []
        """Every text frame of the client."""
        self._note("<", f"{request.method} {request.target}")

    async def refuse(
        self, status: int, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> None:
        """Answer the request with an HTTP status, and end the connection.

        Args:
            status: The status.
            headers: More headers.
            body: What to say instead of the JSON error of the documents.
        """
        told = json.dumps({"code": status, "message": f"this hub says {status}"}).encode()
        sent = {"Connection": "close", **({"Content-Type": "application/json"} if body is None else {})}
        self.answered = time.monotonic()
        self._traffic.answered(self.request.method, self.request.path, status)
        shown = "".join(f" {name}: {value}" for name, value in (headers or {}).items())
        self._note(">", f"HTTP {status}{shown} {(told if body is None else body)!r}")
        await self.send_raw(response(status, {**sent, **(headers or {})}, told if body is None else body))
        self.cut()

    async def answer(self, status: int, content_type: str | None, body: bytes) -> None:
        """Answer a REST request."""
        await self.refuse(status, {"Content-Type": content_type} if content_type else {}, body)

    async def accept(self) -> None:
        """Upgrade to a WebSocket, and read what the client sends from now on."""
        self.answered = time.monotonic()
        self._traffic.answered(self.request.method, self.request.path, 101)
        self._note(">", "HTTP 101")
        await self.send_raw(upgrade(self.request))
        self._task = asyncio.create_task(self._read())

    async def send(self, value: Json) -> None:
        """Send a value as JSON in one text frame."""
        frame = as_object(value)
        if not self._is_welcomed:
            self._is_welcomed = True
            self._traffic.welcome()
        elif frame is not None:
            self._traffic.frame(frame)
        await self.send_frame(Opcode.TEXT, json.dumps(value).encode())

    async def send_frame(self, opcode: Opcode, payload: bytes) -> None:
        """Send one frame, whatever is in it."""
        kind = "" if opcode is Opcode.TEXT else f"({opcode.name.lower()} frame) "
        self._note(">", f"{kind}{payload.decode('utf-8', 'backslashreplace')}")
        await self.send_raw(frame(opcode, payload))

    async def send_raw(self, data: bytes) -> None:
        """Send bytes; a client that is gone shows in `ended`."""
        with contextlib.suppress(OSError):
            self._writer.write(data)
            await self._writer.drain()
            await asyncio.sleep(0)  # other cases run beside this one; draining alone may never yield to them

    async def close(self, code: int) -> None:
        """Close as RFC 6455 says: with a close frame, then an answer to it, then the end of TCP."""
        self._note(">", f"(close frame {code})")
        await self.send_raw(frame(Opcode.CLOSE, struct.pack("!H", code) + b"the hub says so"))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), CLOSE_PATIENCE)
        self._writer.close()

    def cut(self) -> None:
        """End TCP without a close frame (1006)."""
        self._note(">", "(the end of the TCP connection)")
        self._writer.close()

    def abort(self) -> None:
        """Reset TCP, as a hub does that has crashed."""
        if self._task is not None:
            self._task.cancel()
        wire: Any = self._writer.get_extra_info("socket")
        if wire is not None and not self._writer.is_closing():
            with contextlib.suppress(OSError):
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._writer.transport.abort()

    async def command(self, within: float) -> dict[str, Json] | None:
        """The next command of the client; None: none came in time."""
        try:
            return await asyncio.wait_for(self._commands.get(), within)
        except TimeoutError:
            return None

    async def pong(self, within: float) -> bytes | None:
        """The content of the client's next pong frame; None: none came in time."""
        try:
            return await asyncio.wait_for(self._pongs.get(), within)
        except TimeoutError:
            return None

    async def is_left(self, within: float) -> bool:
        """Whether the client ends the connection in time."""
        try:
            await asyncio.wait_for(self.ended.wait(), within)
        except TimeoutError:
            return False
        return True

    async def _read(self) -> None:
        try:
            while True:
                opcode, payload = await read_message(self._reader)
                if opcode is Opcode.PING:
                    await self.send_raw(frame(Opcode.PONG, payload))
                elif opcode is Opcode.PONG:
                    self._note("<", f"(pong frame {payload!r})")
                    self._pongs.put_nowait(payload)
                elif opcode is Opcode.CLOSE:
                    self.close_code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else None
                    self._note("<", f"(close frame {self.close_code})")
                    await self.send_raw(frame(Opcode.CLOSE, payload[:2]))
                    self._writer.close()
                    return
                else:
                    await self._take(payload)
        except BrokenOff:
            self._note("<", "(the end of the TCP connection)")
        finally:
            self.ended.set()

    async def _take(self, payload: bytes) -> None:
        text = payload.decode("utf-8", "replace")
        self._note("<", text)
        self.sent_texts.append(text)
        try:
            command = as_object(json.loads(text))
        except (ValueError, RecursionError):
            command = None
        if command is None:
            return
        self._traffic.command(command)
        self._commands.put_nowait(command)
        answer = self.reply(command)
        if answer is not None:
            await self.send(answer)

    def _note(self, direction: str, what: str) -> None:
        self._log.add(self._who, direction, what)


def _no_reply(command: dict[str, Json]) -> None:  # noqa: ARG001 - the shape of a reply
    return None
