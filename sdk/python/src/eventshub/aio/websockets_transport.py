"""The seam, filled by the websockets library."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import Event

from .._net.options import ConnectionOptions, stream_logger
from .._net.websocket_failures import OPENING_FAILURES, lost_connection, opening_failure
from ..exceptions import ConnectionLostError
from .transport import FrameSink

_DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})


class _ConnectWithoutRedirects(connect):
    """Takes a redirect for an answer: following it would carry an API key to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _PushingConnection(ClientConnection):
    """Hands frames on as they come; the library's own way costs a coroutine per frame, more than decoding."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sink: FrameSink | None = None
        self._early: list[bytes] = []
        self._fragments: list[bytes] = []

    def deliver_to(self, sink: FrameSink) -> None:
        """Deliver what has come in already, then read on."""
        early, self._early = self._early, []
        for raw in early:
            sink.frame_received(raw)
        self._sink = sink
        if self.connection_lost_waiter.done():
            sink.connection_lost(self._loss())
        else:
            self.transport.resume_reading()

    def process_event(self, event: Event) -> None:
        if not isinstance(event, Frame) or event.opcode not in _DATA:
            super().process_event(event)
            if isinstance(event, Response):
                # Frames may follow in the same read; the rest waits until somebody is there to take it.
                self.transport.pause_reading()
            return
        raw = bytes(event.data)
        if not event.fin or self._fragments:
            self._fragments.append(raw)
            if not event.fin:
                return
            raw = b"".join(self._fragments)
            self._fragments.clear()
        if self._sink is None:
            self._early.append(raw)
        else:
            self._sink.frame_received(raw)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._sink is not None:
            self._sink.connection_lost(self._loss())

    def _loss(self) -> ConnectionLostError:
        closed = self.close_exc
        loss = lost_connection(closed)
        loss.__cause__ = closed
        return loss


class WebSocketTransport:
    """An open connection of the websockets library."""

    def __init__(self, connection: _PushingConnection) -> None:
        self._connection = connection
        self.start = connection.deliver_to
        self.pause_reading = connection.transport.pause_reading
        self.resume_reading = connection.transport.resume_reading
        self.abort = connection.transport.abort

    async def send(self, frame: bytes) -> None:
        """Send a text frame."""
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(frame, text=True)

    async def close(self, code: int = 1000) -> None:
        """Close; cut when cancelled."""
        try:
            # The hub's close frame is behind what it sent before.
            self.resume_reading()
            await self._connection.close(code)
        except BaseException:
            self.abort()
            raise


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
            create_connection=_PushingConnection,
        )
    except OPENING_FAILURES as error:
        timeout, wall_clock = options.timeouts.connect, options.clock.time()
        raise opening_failure(error, url, timeout=timeout, wall_clock=wall_clock) from error
    return WebSocketTransport(cast("_PushingConnection", connection))
