"""Proxies that do what they should, on real sockets, and remember whom they were asked for."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

Open = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[tuple[str, int, bytes] | None]]
USER, PASSWORD = "proxy-user", "proxy-s3cret"


class Proxy:
    """A proxy's address, and the targets it was asked for."""

    def __init__(self, scheme: str, port: int) -> None:
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.url_with_password = f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{port}"
        self.targets: list[str] = []


@asynccontextmanager
async def http_proxy(*, wants_password: bool = False) -> AsyncGenerator[Proxy]:
    """An HTTP proxy: tunnels for CONNECT, and forwards what names its target."""
    expected = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

    async def opened(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[str, int, bytes] | None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if wants_password and f"proxy-authorization: {expected}".lower() not in head.lower():
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return None
        method, target, _ = head.split(" ", 2)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            host, _, port = target.rpartition(":")
            return host, int(port), b""
        parts = urlsplit(target)
        assert parts.hostname
        return parts.hostname, parts.port or 80, head.replace(target, parts.path, 1).encode()

    async with _proxy("http", opened) as proxy:
        yield proxy


@asynccontextmanager
async def socks_proxy() -> AsyncGenerator[Proxy]:
    """A SOCKS 5 proxy (RFC 1928) without authentication."""

    async def opened(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int, bytes]:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, kind = await reader.readexactly(4)
        if kind == 1:
            host = ".".join(map(str, await reader.readexactly(4)))
        else:
            [length] = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        port = int.from_bytes(await reader.readexactly(2), "big")
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        return host, port, b""

    async with _proxy("socks5h", opened) as proxy:
        yield proxy


@asynccontextmanager
async def _proxy(scheme: str, opened: Open) -> AsyncGenerator[Proxy]:
    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target = await opened(reader, writer)
            if target is not None:
                host, port, first = target
                proxy.targets.append(f"{host}:{port}")
                far_reader, far_writer = await asyncio.open_connection(host, port)
                far_writer.write(first)
                await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    proxy = Proxy(scheme, server.sockets[0].getsockname()[1])
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()
