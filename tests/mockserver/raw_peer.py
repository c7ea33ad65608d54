"""A WebSocket client made of a bare socket, for what no well-behaved library would do."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from multidict import CIMultiDict
from tests.mockserver.spec_oracle import checked_frame
from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RawPeer:
    """One TCP connection to a hub."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def dial(cls, url: str, *, receive_buffer: int | None = None) -> RawPeer:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        connection = socket.socket()
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(0)
        await asyncio.get_running_loop().sock_connect(connection, (parts.hostname, parts.port))
        return cls(*await asyncio.open_connection(sock=connection, limit=1 << 24))

    @classmethod
    async def subscribe(cls, url: str, token: str, event_types: str = "", **options: Any) -> RawPeer:
        """Dial, upgrade and read the welcome."""
        peer = await cls.dial(url, **options)
        path = f"/v1/ws/subscribe?event_types={event_types}"
        answer = await peer.upgrade(path, {"Authorization": f"Bearer {token}"})
        assert answer.status == 101, answer
        _, payload = await peer.read_frame()
        checked_frame(payload, is_welcome=True)
        return peer

    async def upgrade(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Ask for an upgrade; ``headers`` may replace those of a good handshake, with "" for leaving out."""
        standard = {
            "Host": "hub",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        fields = {name: value for name, value in {**standard, **headers}.items() if value}
        return await self.request(f"GET {path} HTTP/1.1", fields)

    async def request(self, line: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return await self.raw(f"{line}\r\n{head}\r\n".encode() + body)

    async def raw(self, data: bytes) -> Answer:
        """Send bytes and read an HTTP answer."""
        self.writer.write(data)
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = CIMultiDict[str]()
            for field in filter(None, head[1:]):
                name, _, value = field.partition(": ")
                headers.add(name, value)
            body = await self.reader.readexactly(int(headers.get("Content-Length", 0)))
        return Answer(int(head[0].split()[1]), headers, body)

    def send(self, opcode: int, payload: bytes = b"", *, first: int = 0x80, size: int | None = None) -> None:
        """Send a masked frame; ``first`` holds the bits before the opcode, ``size`` may be a lie."""
        length = len(payload) if size is None else size
        head = bytes([first | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack("!H", length)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", length)
        mask = os.urandom(4)
        self.writer.write(head + mask + apply_mask(payload, mask))

    def say(self, command: object) -> None:
        self.send(TEXT, json.dumps(command).encode())

    async def read_frame(self) -> tuple[int, bytes]:
        async with asyncio.timeout(PATIENCE):
            first, size = await self.reader.readexactly(2)
            assert first & 0xF0 == 0x80, "every frame is final and uses no extension"
            assert size < 128, "a hub does not mask"
            if size >= 126:
                width = 2 if size == 126 else 8
                size = int.from_bytes(await self.reader.readexactly(width), "big")
            return first & 0xF, await self.reader.readexactly(size)

    async def read_event(self) -> dict[str, Any]:
        """The next event; answers pings on the way."""
        while True:
            opcode, payload = await self.read_frame()
            if opcode == PING:
                self.send(PONG, payload)
            else:
                assert opcode == TEXT, (opcode, payload)
                return checked_frame(payload)

    async def read_close(self) -> tuple[int, str, list[dict[str, Any]]]:
        """Read on until the close frame: its code, its reason, and the events before it. Answers nothing."""
        events: list[dict[str, Any]] = []
        while True:
            opcode, payload = await self.read_frame()
            if opcode == TEXT:
                events.append(checked_frame(payload))
            elif opcode == CLOSE:
                return int.from_bytes(payload[:2], "big"), payload[2:].decode(), events

    async def read_end(self) -> bytes:
        """What still comes until the connection ends, be it in peace or by a reset."""
        data = b""
        async with asyncio.timeout(PATIENCE):
            try:
                while piece := await self.reader.read(1 << 16):
                    data += piece
            except ConnectionError:
                pass
        return data

    def stop_reading(self) -> None:
        """Let everything that comes pile up, as a frozen program does."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined] # streams hide the read half

    def read_on(self) -> None:
        self.writer.transport.resume_reading()  # type: ignore[attr-defined] # streams hide the read half

    def reset(self) -> None:
        """End the connection with an RST."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def close(self) -> None:
        self.writer.close()

    async def end(self) -> None:
        """Drop the connection, whatever state it is in."""
        self.writer.transport.abort()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
