"""The seam, filled by the websockets library."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from .._net.options import ConnectionOptions, stream_logger
from .._net.websocket_failures import OPENING_FAILURES, lost_connection, opening_failure


class _ConnectWithoutRedirects(connect):
    """Takes a redirect for an answer: following it would carry an API key to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebSocketTransport:
    """An open connection of the websockets library."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> bytes:
        """The next frame, undecoded."""
        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            raise lost_connection(error) from error

    async def send(self, frame: bytes) -> None:
        """Send a text frame."""
        try:
            await self._connection.send(frame, text=True)
        except ConnectionClosed as error:
            raise lost_connection(error) from error

    async def close(self, code: int = 1000) -> None:
        """Close; cut when cancelled."""
        closing = asyncio.ensure_future(self._connection.close(code))
        try:
            # The hub's close frame is behind what it sent before, which nobody reads any more.
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self._connection.recv(decode=False)
            await closing
        except BaseException:
            self._connection.transport.abort()
            closing.cancel()
            raise

    async def abort(self) -> None:
        """Cut, and wait until the socket is gone."""
        self._connection.transport.abort()
        await self._connection.wait_closed()


async def open_websocket(
    url: str, headers: Mapping[str, str], options: ConnectionOptions
) -> WebSocketTransport:
    """Connect; see ``open_transport``."""
    keepalive = options.keepalive
    try:
        connection = await _ConnectWithoutRedirects(
            url,
            additional_headers=dict(headers),
            user_agent_header=None,
            # Events are small and many: compressing each costs more time than it saves.
            compression=None,
            ssl=options.stream_ssl(url),
            open_timeout=options.timeouts.connect,
            close_timeout=options.timeouts.close,
            ping_interval=keepalive.interval if keepalive else None,
            ping_timeout=keepalive.timeout if keepalive else None,
            max_size=options.largest_frame,
            logger=stream_logger(),
        )
    except OPENING_FAILURES as error:
        raise opening_failure(error, url, timeout=options.timeouts.connect) from error
    return WebSocketTransport(connection)
