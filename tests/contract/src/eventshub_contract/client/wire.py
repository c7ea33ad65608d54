"""HTTP requests and WebSocket frames as bytes, with nothing decided and nothing mended."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from websockets.frames import Frame, Opcode
from websockets.utils import accept_key

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of one frame or body; what is larger ends the connection."""

_DATA: Final = {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}
_QUERY_CREDENTIALS: Final = ("access_token", "authorization")


class BrokenOff(Exception):  # noqa: N818 - it says what the client did, which may be right
    """The client ended the connection, or sent what is no HTTP and no WebSocket."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, each as often as it was sent."""
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def channels(self) -> tuple[str, ...]:
        """What the client asked for (protocol CONN-2)."""
        names = (name.strip().lower() for name in self.query.get("event_types", "").split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    def header(self, name: str) -> str | None:
        """The first header of a name."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def credentials(self) -> tuple[str, ...]:
        """Where credentials are, one entry each."""
        in_headers = [key for key, _ in self.headers if key in {"authorization", "x-api-key"}]
        return (*in_headers, *(f"?{name}" for name in _QUERY_CREDENTIALS if name in self.query))

    @property
    def fault(self) -> str:
        """Why this is no handshake of the WebSocket protocol; empty if it is one."""
        if self.method != "GET":
            return f"the method is {self.method}"
        if (self.header("upgrade") or "").lower() != "websocket":
            return "there is no `Upgrade: websocket`"
        if "upgrade" not in (self.header("connection") or "").lower():
            return "there is no `Connection: Upgrade`"
        if self.header("sec-websocket-version") != "13":
            return "Sec-WebSocket-Version is not 13"
        try:
            key = base64.b64decode(self.header("sec-websocket-key") or "", validate=True)
        except binascii.Error:
            key = b""
        return "" if len(key) == 16 else "Sec-WebSocket-Key is not the base64 form of 16 bytes"


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one request.

    Raises:
        BrokenOff: There is none, or it is no HTTP.
    """
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, target, version = first.split(" ")
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in map(_split, lines))
        length = int(next((value for name, value in headers if name == "content-length"), "0"))
        if not version.startswith("HTTP/1.") or not 0 <= length <= LARGEST:
            raise BrokenOff("what came is no HTTP request")
        return Request(method, target, headers, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError) as error:
        raise BrokenOff("what came is no HTTP request") from error


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def response(status: int, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One HTTP response."""
    phrase = HTTPStatus(status).phrase
    length = {} if status == HTTPStatus.SWITCHING_PROTOCOLS else {"Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in {**length, **headers}.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def upgrade(request: Request) -> bytes:
    """The response that turns the connection into a WebSocket."""
    key = accept_key(request.header("sec-websocket-key") or "")
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": key}
    return response(HTTPStatus.SWITCHING_PROTOCOLS, headers)


def frame(opcode: Opcode, payload: bytes) -> bytes:
    """One frame, whole and unmasked, as a server sends it."""
    return Frame(opcode, payload).serialize(mask=False)


async def read_message(reader: asyncio.StreamReader) -> tuple[Opcode, bytes]:
    """Read the next message or control frame; fragments are put together.

    Raises:
        BrokenOff: The connection has ended, or what came is no frame.
    """
    kind, parts = Opcode.CONT, bytearray()
    try:
        while True:
            first, second = await reader.readexactly(2)
            opcode, size = Opcode(first & 0x0F), second & 0x7F
            if size == 126:
                size = int.from_bytes(await reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await reader.readexactly(8), "big")
            if not second & 0x80 or size + len(parts) > LARGEST:
                raise BrokenOff("a frame came that is not masked, or too large")
            mask = await reader.readexactly(4)
            masked = await reader.readexactly(size)
            payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))
            if opcode not in _DATA:
                return opcode, payload
            kind = kind if opcode is Opcode.CONT else opcode
            parts += payload
            if first & 0x80:
                return kind, bytes(parts)
    except (asyncio.IncompleteReadError, OSError, ValueError) as error:
        raise BrokenOff("the connection has ended") from error
