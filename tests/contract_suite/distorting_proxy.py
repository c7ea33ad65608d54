"""Stands between the judge and a faultless hub, and commits the faults that it is told to.

It connects to the hub from the address that the judge connected from, so that the rules by address hold.
Without a fault it changes nothing.
"""
# ruff: noqa: ARG002 - a fault need not look at all that it is given

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

Json = Any
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SPARE_ADDRESS = "127.0.0.250"
"""One that the judge does not use."""

Outcome = tuple["Response", asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Request:
    """An HTTP request on its way to the hub."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, undecoded."""
        return self.target.partition("?")[2]

    @property
    def json(self) -> dict[str, Json]:
        """The body, when it is a JSON object."""
        return _object_in(self.body)

    def encode(self) -> bytes:
        """As on the wire."""
        self.headers["content-length"] = str(len(self.body))
        return _encoded(f"{self.method} {self.target} HTTP/1.1", self.headers, self.body)


@dataclass
class Response:
    """An HTTP response on its way to the judge."""

    status: int
    headers: dict[str, str]
    body: bytes = b""

    def change(self, status: int | None = None, **keys: Json) -> None:
        """Change the status, and keys of the JSON body; a key that is None vanishes."""
        value = json.loads(self.body or b"{}")
        if status is not None:
            self.status = status
            value["code"] = status
        value.update(keys)
        self.body = json.dumps({key: each for key, each in value.items() if each is not None}).encode()

    def encode(self) -> bytes:
        """As on the wire."""
        if self.status != 101:
            self.headers["content-length"] = str(len(self.body))
        return _encoded(f"HTTP/1.1 {self.status} Whatever", self.headers, self.body)


@dataclass
class Frame:
    """A WebSocket frame, unfragmented."""

    opcode: int
    data: bytes

    @property
    def json(self) -> dict[str, Json]:
        """The payload, when it is a JSON object."""
        if self.opcode != TEXT:
            return {}
        return _object_in(self.data)


def text(value: Json) -> Frame:
    """A text frame with a value as JSON."""
    return Frame(TEXT, json.dumps(value).encode())


@dataclass(eq=False)
class Session:
    """One upgraded connection through the proxy."""

    request: Request
    source: str
    to_judge: Callable[[Frame], Awaitable[None]]
    to_hub: Callable[[Frame], Awaitable[None]]
    leave_judge: Callable[[], None]
    """Close the judge's connection."""
    welcome: dict[str, Json] = field(default_factory=dict[str, Json])
    memory: dict[str, Json] = field(default_factory=dict[str, Json])
    """For faults to remember things in."""

    @property
    def client_id(self) -> str:
        """As the welcome says."""
        return str(self._granted.get("client_id"))

    @property
    def _granted(self) -> dict[str, Json]:
        return cast("dict[str, Json]", self.welcome.get("body") or {})


class Fault:
    """Something done wrong. The methods of this class do nothing wrong."""

    breaks: ClassVar[tuple[str, ...]] = ()
    """The rules that are broken by it, all of them."""
    shows_in: ClassVar[tuple[str, ...]] = ()
    """Further rules whose cases bring it to light."""
    proxy: Proxy

    def change_request(self, request: Request) -> None:
        """Change a request on its way to the hub."""

    def answer_request(self, request: Request) -> Response | None:
        """Answer a request in the hub's place."""
        return None

    def on_response(self, request: Request, response: Response) -> None:
        """Change a response."""

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        """What the judge gets in place of a frame from the hub."""
        return [frame]

    async def on_command(self, session: Session, frame: Frame) -> list[Frame]:
        """What the hub gets in place of a frame from the judge."""
        return [frame]

    def lets_in(self, request: Request, source: str) -> bool:
        """Whether a handshake is granted that the hub refused with 409."""
        return False

    async def on_end(self, session: Session) -> None:
        """A connection has ended; that to the hub may not have yet."""


class Proxy:
    """Relays, and lets the faults have their way."""

    def __init__(self, hub_port: int, faults: list[Fault]) -> None:
        self._hub_port = hub_port
        self.faults = faults
        self.sessions: set[Session] = set()
        self.handshakes: dict[str, int] = {}
        """Handshakes under way, by address."""
        for fault in faults:
            fault.proxy = self

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one TCP connection of the judge's."""
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either side is gone, or the whole proxy ends
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source: str = writer.get_extra_info("peername")[0]
        line, headers = await _head(reader)
        method, target, _ = line.split(" ")
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(method, target, headers, body)
        is_upgrade = headers.get("upgrade", "").lower() == "websocket"
        if not is_upgrade:
            headers["connection"] = "close"
        for fault in self.faults:
            fault.change_request(request)
        answers = [answer for fault in self.faults if (answer := fault.answer_request(request))]
        if answers:
            writer.write(answers[0].encode())
            return
        response, hub_reader, hub_writer = await self._answer(request, source)
        try:
            for fault in self.faults:
                fault.on_response(request, response)
            if response.status != 101:
                response.headers["connection"] = "close"
            writer.write(response.encode())
            if response.status == 101:
                await self._relay(request, source, (reader, writer), (hub_reader, hub_writer))
        finally:
            hub_writer.close()

    async def _answer(self, request: Request, source: str) -> Outcome:
        self.handshakes[source] = self.handshakes.get(source, 0) + 1
        try:
            outcome = await self._ask(request, source)
        finally:
            self.handshakes[source] -= 1
        if outcome[0].status == 409 and any(fault.lets_in(request, source) for fault in self.faults):
            outcome[2].close()
            return await self._ask(request, SPARE_ADDRESS)
        return outcome

    async def _ask(self, request: Request, source: str) -> Outcome:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._hub_port, local_addr=(source, 0))
        writer.write(request.encode())
        status_line, headers = await _head(reader)
        response = Response(int(status_line.split()[1]), headers)
        if response.status != 101:
            response.body = await reader.readexactly(int(headers.get("content-length", "0")))
        return response, reader, writer

    async def _relay(
        self,
        request: Request,
        source: str,
        judge: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        hub: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        async def to_judge(frame: Frame) -> None:
            if session not in self.sessions:
                return
            judge[1].write(_encoded_frame(frame, is_masked=False))
            await judge[1].drain()

        async def to_hub(frame: Frame) -> None:
            hub[1].write(_encoded_frame(frame, is_masked=True))
            await hub[1].drain()

        session = Session(request, source, to_judge, to_hub, judge[1].close)
        self.sessions.add(session)
        down = asyncio.create_task(self._pump(hub[0], session, to_judge, is_down=True))
        up = asyncio.create_task(self._pump(judge[0], session, to_hub, is_down=False))
        try:
            done, _ = await asyncio.wait((down, up), return_when=asyncio.FIRST_COMPLETED)
            self.sessions.discard(session)
            if down in done and judge[1].can_write_eof():
                judge[1].write_eof()
                up.cancel()
                await asyncio.wait((up,))
                await _read_to_the_end(judge[0])
            for fault in self.faults:
                await fault.on_end(session)
            hub[1].close()
        finally:
            down.cancel()
            up.cancel()
            await asyncio.gather(down, up, return_exceptions=True)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        session: Session,
        send: Callable[[Frame], Awaitable[None]],
        *,
        is_down: bool,
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                frames = [await _frame(reader)]
                if is_down and not session.welcome:
                    session.welcome = frames[0].json
                for fault in self.faults:
                    act = fault.on_frame if is_down else fault.on_command
                    frames = [each for frame in frames for each in await act(session, frame)]
                for frame in frames:
                    await send(frame)


async def _read_to_the_end(reader: asyncio.StreamReader) -> None:
    """Closing with something unread would reset the connection, and lose what the judge has not read yet."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            while await reader.read(65536):
                pass


def _object_in(data: bytes) -> dict[str, Json]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def _encoded(line: str, headers: dict[str, str], body: bytes) -> bytes:
    return (
        "\r\n".join([line, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode() + body
    )


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    line, *fields = (
        (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape").split("\r\n")[:-2]
    )
    pairs = (each.partition(":") for each in fields)
    return line, {name.strip().lower(): value.strip() for name, _, value in pairs}


async def _frame(reader: asyncio.StreamReader) -> Frame:
    data, opcode, is_final = b"", 0, False
    while not is_final:
        first, second = await reader.readexactly(2)
        is_final = bool(first & 0x80)
        opcode = opcode or first & 0x0F
        length = second & 0x7F
        if length > 125:
            size = 2 if length == 126 else 8
            length = int.from_bytes(await reader.readexactly(size), "big")
        mask = await reader.readexactly(4) if second & 0x80 else None
        payload = await reader.readexactly(length)
        if mask:
            key = (mask * (length // 4 + 1))[:length]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")
        data += payload
    return Frame(opcode, data)


def _encoded_frame(frame: Frame, *, is_masked: bool) -> bytes:
    flag = 0x80 if is_masked else 0
    length = len(frame.data)
    if length < 126:
        head = struct.pack("!BB", 0x80 | frame.opcode, flag | length)
    elif length < 65536:
        head = struct.pack("!BBH", 0x80 | frame.opcode, flag | 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | frame.opcode, flag | 127, length)
    return head + (b"\0\0\0\0" if is_masked else b"") + frame.data
