"""One WebSocket: moves bytes between a peer and the hub's core."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import WebSocketError, WSMsgType, web

from ..core.clock import Timer
from ..core.connection import Connection
from ..core.entry import Kind
from ..core.frames import close_frame, pong_frame
from ..core.hub import Hub
from .clock import wait_within
from .http_protocol import HubHttpProtocol

_LOG = logging.getLogger("eventshub_mockserver")


class HubWebSocket(web.WebSocketResponse):
    """A WebSocket whose transport is closed by ``Socket`` and never by aiohttp.

    aiohttp closes it in the moment in which it answers a broken or oversized
    frame. What the peer has sent since turns that into a reset, which can
    destroy the close frame on its way; so reading goes on for a little while.
    """

    def __init__(self, message_size: int) -> None:
        super().__init__(
            autoping=False,  # pongs are to be seen
            autoclose=False,
            compress=False,
            max_msg_size=message_size + 1,  # aiohttp refuses a message that is as long as its limit
        )

    def _close_transport(self) -> None:
        pass


class Socket:
    """Carries out what the core decides for one connection."""

    def __init__(
        self, hub: Hub, connection: Connection, request: web.Request, websocket: HubWebSocket
    ) -> None:
        """Take over a connection after its upgrade.

        Raises:
            ConnectionResetError: the peer has gone already.
        """
        if request.transport is None or not isinstance(request.protocol, HubHttpProtocol):
            raise ConnectionResetError("the peer left during the handshake")
        self._hub = hub
        self._connection = connection
        self._websocket = websocket
        self._protocol = request.protocol
        self._protocol.on_resume = self._resume
        self._protocol.is_answered = True
        self._transport = request.transport
        self._transport.set_write_buffer_limits(high=hub.limits.write_buffer)
        self._dropping: Timer | None = None
        self._close_sent = self._close_noted = False
        self.close_code = 1006
        """How the connection ended, for the log."""
        self.closed = asyncio.Event()
        """Set when the connection has ended."""

    def flush(self) -> None:
        """Write what is queued until the peer does not keep up, and on when it does again."""
        if self._transport.is_closing() or self._close_sent:
            return
        connection = self._connection
        outbox, ending = connection.outbox, connection.ending
        while outbox and not self._protocol.writing_paused:
            self._transport.write(outbox.take(self._hub.limits.write_buffer))
        if outbox and connection.stalled_since is None:
            connection.stalled_since = self._hub.clock.monotonic()
        if ending is not None and not outbox:
            self._start_closing(ending.code, ending.reason)
            if ending.is_abrupt and not self._protocol.writing_paused:
                self._transport.abort()

    async def serve(self) -> None:
        """Read until the connection ends. Its slot is free before anything else can happen (IP-3)."""
        is_answered = False
        try:
            is_answered = await self._read()
        except Exception:  # noqa: BLE001 - a fault in one connection must not become an HTTP answer on its socket
            _LOG.exception("the hub failed connection=%s", self._connection.id)
            self._start_closing(1011, "the hub failed")
        finally:
            self._hub.disconnect(self._connection)
            self._note_close(self.close_code, "the connection was lost")
        await self._end(is_answered)
        self.closed.set()

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._transport.abort()

    async def _read(self) -> bool:
        """Read until there is no more; say whether the peer has sent its close frame, its last."""
        hub, connection = self._hub, self._connection
        while True:
            message = await self._websocket.receive()
            match message.type:
                case WSMsgType.TEXT:
                    hub.receive(connection, message.data)
                case WSMsgType.BINARY:
                    hub.receive_binary(connection)
                case WSMsgType.PONG:
                    hub.receive_pong(connection)
                case WSMsgType.PING:
                    # A pong that cannot be written now is left out rather than kept: RFC 6455, section 5.5.3,
                    # asks for an answer to the latest ping only.
                    if hub.receive_ping(connection) and self._may_write():
                        self._transport.write(pong_frame(message.data))
                case WSMsgType.CLOSE:
                    self.close_code = message.data or 1005
                    self._note_close(self.close_code, f"by the client {message.extra or ''}".rstrip())
                    self._start_closing(message.data or 1000, "")
                    return True
                case _:
                    # aiohttp has sent the close frame if the peer's frame was a broken one.
                    self._close_sent = True
                    if isinstance(message.data, WebSocketError):
                        self.close_code = message.data.code
                        self._note_close(self.close_code, "by the hub: the frame was broken")
                    return False

    def _may_write(self) -> bool:
        return not (self._close_sent or self._protocol.writing_paused or self._transport.is_closing())

    def _resume(self) -> None:
        self._connection.stalled_since = None
        self.flush()

    def _start_closing(self, code: int, reason: str) -> None:
        """Send the close frame and give the peer a bounded time to answer it."""
        if not self._close_sent and not self._transport.is_closing():
            self._close_sent = True
            self._note_close(code, f"by the hub: {reason}")
            self._transport.write(close_frame(code, reason))
            self._dropping = self._hub.clock.call_later(self._hub.limits.close_timeout, self._transport.abort)

    def _note_close(self, code: int, detail: str) -> None:
        """Put the connection's end into the journal, once: its first sign is its cause."""
        if self._hub.recorder is not None and not self._close_noted:
            self._hub.recorder.note(Kind.CLOSED, self._connection, status=code, detail=detail)
        self._close_noted = True

    async def _end(self, is_answered: bool) -> None:
        """Let the close frame arrive, then drop the connection.

        A peer that has not answered may still be sending. So our side is
        ended first, and what it sends is read until it ends its own.
        """
        if is_answered or not self._transport.can_write_eof():
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write_eof()
        if self._dropping is not None:
            self._dropping.cancel()
        await wait_within(self._hub.clock, self._protocol.lost, self._hub.limits.close_timeout)
        self._transport.abort()
