"""One WebSocket: moves bytes between a peer and the hub's core."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from typing import Final

from aiohttp import WebSocketError, WSMessage, WSMsgType, web

from ..core.clock import Timer
from ..core.connection import Connection, Ending, Impairment, Manner
from ..core.entry import Kind
from ..core.frames import close_frame, is_sendable, pong_frame
from ..core.hub import Hub
from .clock import wait_within
from .http_protocol import HubHttpProtocol
from .moment import Moment
from .throttle import Throttle

_LOG = logging.getLogger("eventshub_mockserver")
_UNIMPAIRED: Final = Impairment()
_NO_LINGER: Final = struct.pack("ii", 1, 0)
"""Turns the end of a TCP connection into an RST."""


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

    __slots__ = (
        "_batch",
        "_close_noted",
        "_close_sent",
        "_connection",
        "_dropping",
        "_hears",
        "_hub",
        "_impairment",
        "_protocol",
        "_throttle",
        "_transport",
        "_websocket",
        "close_code",
        "closed",
    )

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
        self._protocol.flow = self
        self._protocol.is_answered = True
        self._transport = request.transport
        self._transport.set_write_buffer_limits(high=hub.limits.write_buffer)
        self._dropping: Timer | None = None
        self._impairment: Impairment | None = None
        self._throttle: Throttle | None = None
        self._batch = hub.limits.write_buffer
        self._hears: asyncio.Event | None = None
        self._close_sent = self._close_noted = False
        self.close_code = 1006
        """How the connection ended, for the log."""
        self.closed = Moment()
        """When the connection has ended."""

    def flush(self) -> None:
        """Write what is queued until the peer does not keep up, and on when it does again."""
        if self._transport.is_closing() or self._close_sent:
            return
        connection = self._connection
        impairment = connection.impairment
        if impairment is not self._impairment:
            self._obey(impairment)
        if impairment is not None and impairment.is_mute:
            return
        outbox, ending = connection.outbox, connection.ending
        throttle = self._throttle
        while outbox and not self._protocol.writing_paused and (throttle is None or throttle.is_idle):
            self._write(outbox.take(self._batch))
        if outbox and connection.stalled_since is None:
            connection.stalled_since = self._hub.clock.monotonic()
        if ending is not None:
            self._carry_out(ending, is_empty=not outbox and self._is_idle)
        elif not outbox and throttle is None and not self._protocol.writing_paused:
            connection.writer = self._transport

    async def serve(self) -> None:
        """Read until the connection ends. Its slot is free before anything else can happen (IP-3)."""
        is_answered: bool | None = None
        try:
            while is_answered is None:
                message = await self._websocket.receive()
                if self._hears is not None:
                    await self._hears.wait()
                is_answered = self._take(message)
        except Exception:  # noqa: BLE001 - a fault in one connection must not become an HTTP answer on its socket
            _LOG.exception("the hub failed connection=%s", self._connection.id)
            self._start_closing(1011, "the hub failed")
        finally:
            self._hub.disconnect(self._connection)
            self._note_close(self.close_code, "the connection was lost")
        await self._end(is_answered=is_answered is True)
        self.closed.come()

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._transport.abort()

    def _take(self, message: WSMessage) -> bool | None:
        """Hand a message to the hub; for the last, say whether it is the peer's close frame."""
        hub, connection = self._hub, self._connection
        match message.type:
            case WSMsgType.TEXT:
                hub.receive(connection, message.data)
            case WSMsgType.BINARY:
                hub.receive_binary(connection)
            case WSMsgType.PONG:
                hub.receive_pong(connection)
            case WSMsgType.PING:
                if hub.receive_ping(connection):
                    self._answer_ping(message.data)
            case WSMsgType.CLOSE:
                self._take_close(message.data or None, message.extra or "")
                return True
            case _:
                # aiohttp has sent the close frame if the peer's frame was a broken one.
                self._close_sent = True
                if isinstance(message.data, WebSocketError):
                    self.close_code = message.data.code
                    self._note_close(self.close_code, "by the hub: the frame was broken")
                return False
        return None

    def _take_close(self, code: int | None, reason: str) -> None:
        if code is None or is_sendable(code):
            self.close_code = code or 1005
            self._note_close(self.close_code, f"by the client {reason}".rstrip())
            self._start_closing(code or 1000, "")
        else:
            # aiohttp lets 1006 and everything above 4999 pass.
            self.close_code = 1002
            self._note_close(1002, f"by the hub: a close frame cannot have the code {code}")
            self._start_closing(1002, f"a close frame cannot have the code {code}")

    def _answer_ping(self, payload: bytes) -> None:
        def send() -> None:
            # A pong that cannot be written now is left out rather than kept: RFC 6455, section 5.5.3,
            # asks for an answer to the latest ping only.
            if self._may_write() and not self._is_mute:
                self._write(pong_frame(payload))

        if self._hub.interference is None:
            send()
        else:
            self._hub.interference.pong(self._connection, send)

    def _write(self, data: bytes) -> None:
        (self._transport if self._throttle is None else self._throttle).write(data)

    def _may_write(self) -> bool:
        return self._is_idle and not (
            self._close_sent or self._protocol.writing_paused or self._transport.is_closing()
        )

    @property
    def _is_idle(self) -> bool:
        return self._throttle is None or self._throttle.is_idle

    @property
    def _is_mute(self) -> bool:
        return self._impairment is not None and self._impairment.is_mute

    def _obey(self, impairment: Impairment | None) -> None:
        """Read and write as little as is said, and all that was kept back when that is over."""
        before, after = self._impairment or _UNIMPAIRED, impairment or _UNIMPAIRED
        self._impairment = impairment
        if before.is_deaf != after.is_deaf:
            self._protocol.listen(is_deaf=after.is_deaf)
            if after.is_deaf:
                self._hears = asyncio.Event()
            elif self._hears is not None:
                self._hears.set()
                self._hears = None
        if before.rate != after.rate:
            if self._throttle is not None:
                self._throttle.finish()
            self._throttle = None
            self._batch = self._hub.limits.write_buffer
            if after.rate is not None:
                self._throttle = Throttle(self._hub.clock, self._transport, after.rate, self.resume)
                self._batch = 1

    def _carry_out(self, ending: Ending, *, is_empty: bool) -> None:
        """End the connection as was decided, once everything is written."""
        if not is_empty:
            # A connection that is forgotten already has no other bound.
            if self._dropping is None and self._connection.id not in self._hub.roster.by_id:
                wait = self._hub.limits.drain_timeout
                self._dropping = self._hub.clock.call_later(wait, self._transport.abort)
        elif ending.manner is Manner.CLOSE:
            self._start_closing(ending.code, ending.reason)
            if ending.is_abrupt and not self._protocol.writing_paused:
                self._transport.abort()
        else:
            self._close_sent = True
            self.close_code = ending.code
            self._note_close(ending.code, f"by the hub: {ending.reason}")
            end = self._reset if ending.manner is Manner.RESET else self._transport.close
            # Event loops that gather writes have to write first.
            asyncio.get_running_loop().call_soon(end)

    def _reset(self) -> None:
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        if connection is not None and not self._transport.is_closing():
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def pause(self) -> None:
        """The peer does not keep up."""
        self._connection.writer = None

    def resume(self) -> None:
        """The peer keeps up again."""
        self._connection.stalled_since = None
        self.flush()

    def _start_closing(self, code: int, reason: str) -> None:
        """Send the close frame and give the peer a bounded time to answer it."""
        if not self._close_sent and not self._transport.is_closing() and not self._is_mute:
            self._close_sent = True
            self._note_close(code, f"by the hub: {reason}")
            self._write(close_frame(code, reason))
            if self._dropping is not None:
                self._dropping.cancel()
            self._dropping = self._hub.clock.call_later(self._hub.limits.close_timeout, self._transport.abort)

    def _note_close(self, code: int, detail: str) -> None:
        """Put the connection's end into the journal, once: its first sign is its cause."""
        if self._hub.recorder is not None and not self._close_noted:
            self._hub.recorder.note(Kind.CLOSED, self._connection, status=code, detail=detail)
        self._close_noted = True

    async def _end(self, *, is_answered: bool) -> None:
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
        await wait_within(self._hub.clock, self._protocol.lost.awaited(), self._hub.limits.close_timeout)
        self._transport.abort()
