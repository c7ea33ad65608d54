"""A hub's end of a WebSocket, byte by byte: for servers that have to do what no library would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from websockets.utils import accept_key

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FINAL = 0x80
Streams: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def frame(payload: bytes, kind: int = TEXT, flags: int = FINAL, mask: int = 0) -> bytes:
    """A frame as a hub sends it; with ``mask=0x80`` as a client would."""
    size = len(payload)
    if size < 126:
        head = bytes([flags | kind, mask | size])
    elif size < 1 << 16:
        head = bytes([flags | kind, mask | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([flags | kind, mask | 127]) + size.to_bytes(8, "big")
    return head + (b"\0\0\0\0" if mask else b"") + payload


async def client_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next frame of the client: its kind and its payload."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    assert second & 0x80, "a client masks"
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    mask = await reader.readexactly(4)
    payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(await reader.readexactly(size)))
    return first & 0x0F, payload


async def upgrade_answer(reader: asyncio.StreamReader) -> bytes:
    """Read the client's request; what says yes to it."""
    [key] = re.findall(rb"(?i)sec-websocket-key: *(\S+)", await reader.readuntil(b"\r\n\r\n"))
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(key.decode())}\r\n\r\n"
    ).encode()


@asynccontextmanager
async def raw_hub(after_request: Streams) -> AsyncGenerator[str]:
    """Answer the upgrade in one write with what ``after_request`` sends first."""
    served: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.append(task)
        writer.write(await upgrade_answer(reader))
        try:
            await after_request(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*served)
