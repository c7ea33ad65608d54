"""The seam, filled by picows: the extra ``fast``.

The websockets library connects and shakes hands here too, so that TLS, proxies, refusals with their whole
bodies, and every failure are the same on both transports. Once the hub has agreed, picows takes the socket
over: it writes the frames, and reads those that ``WholeFrames`` leaves.

By itself, picows reads no more of a refusal than came in one piece, knows no proxy from the environment and
takes no list in the header ``Connection``. So its protocol object is made here and not by its ``ws_connect``,
and hears from here that the hub has agreed. That is no documented way: the extra names the releases in which
it works. What is left of a difference: picows cuts the connection 10 ms after it has reported an error in
the framing, and its masking keys are no secret, which matters to nobody but a broken proxy in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVarTuple, cast

from picows import WSAutoPingStrategy, WSFrame, WSListener, WSMsgType, WSProtocolError, WSTransport
from picows import picows as _extension
from websockets.exceptions import ConnectionClosedError, ProtocolError
from websockets.frames import Close, CloseCode
from websockets.utils import accept_key

from .._core.frames import BinaryFrame
from .._core.settings import Keepalive
from .._core.whole_frames import NOT_UTF8, WholeFrames, is_utf8
from .._net.options import ConnectionOptions
from .._net.websocket_failures import lost_connection
from ..exceptions import ConnectionLostError
from .transport import FrameSink
from .websockets_transport import LARGEST_READ, UpgradedConnection, upgraded_connection

ArgsT = TypeVarTuple("ArgsT")


logger: logging.Logger = logging.getLogger("eventshub.picows")
# All that it reports as an error comes out as an exception too.
logger.setLevel(logging.CRITICAL)


if TYPE_CHECKING:

    class _UntypedProtocol(asyncio.BufferedProtocol):
        """What picows' stubs leave out."""

        transport: WSTransport

        def __init__(self, *args: object) -> None: ...
        def connection_made(self, transport: Any) -> None: ...
        def get_buffer(self, sizehint: int) -> memoryview: ...

else:
    _UntypedProtocol = _extension.WSProtocol


class _AfterHandshake:
    """The network as picows sees it: its own request goes nowhere, and it does not end the connection."""

    def __init__(self, network: asyncio.Transport, listener: PicowsTransport) -> None:
        self._network = network
        self._listener = listener
        self.request = b""

    def write(self, data: bytes) -> None:
        if self.request:
            self._network.write(data)
        else:
            self.request = bytes(data)

    def close(self) -> None:
        """Called soon after an error in the framing, too soon for the hub to read the close frame."""
        self._listener.reads_on = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


class _Protocol(_UntypedProtocol):
    """Reads no further than an error: what is behind it has no meaning."""

    def __init__(self, listener: PicowsTransport, largest_frame: int) -> None:
        def make_listener(*_: object) -> PicowsTransport:
            return listener

        super().__init__(
            *("hub", "/", True, make_listener, logger, True, None),
            *(False, 0, 0, WSAutoPingStrategy.PING_WHEN_IDLE, True),
            *(largest_frame, None, 2 * LARGEST_READ),
        )
        self._listener = listener
        # Not picows' own buffer, which doubles whenever a read fills it: in a flood, each read would be
        # larger than the last, and nothing can be paused within a read.
        self._room = memoryview(bytearray(LARGEST_READ))

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio calls it
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        self._listener.data_received(bytes(self._room[:nbytes]))

    def feed(self, data: bytes) -> None:
        """Have picows take data."""
        while data and self._listener.reads_on:
            room = super().get_buffer(-1)
            part = data[: len(room)]
            room[: len(part)] = part
            super().buffer_updated(len(part))
            if self.transport.is_close_frame_sent:
                self._listener.close_frame_sent()
            data = data[len(part) :]

    def take_over(self, network: asyncio.Transport) -> WSTransport:
        """Believe that the hub has agreed, and have the network's data from here on."""
        network_so_far = _AfterHandshake(network, self._listener)
        self.connection_made(network_so_far)
        [key] = re.findall(rb"Sec-WebSocket-Key: (\S+)", network_so_far.request)
        answer = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_key(key.decode())}\r\n\r\n"
        )
        self.feed(answer.encode())
        network.set_protocol(self)
        return self.transport


class PicowsTransport(WSListener):
    """An open connection, its frames read and written by picows."""

    def __init__(self, connection: UpgradedConnection, options: ConnectionOptions) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._largest = options.largest_frame
        self._close_timeout = options.timeouts.close
        self._sink: FrameSink | None = None
        self._takes_whole = True
        """Whether a whole text message may come next."""
        self._fragments: list[bytes] = []
        self._is_text = False
        self._size = 0
        self._received: Close | None = None
        self._sent: Close | None = None
        self._was_closed_first = False
        self.reads_on: bool = True
        """False when nothing but the end of the connection can follow."""
        self._is_lost = False
        self._keepalive = options.keepalive
        self._ping = b""
        self._next_ping = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._drained = asyncio.Event()
        self._drained.set()
        self._rest = connection.rest
        network = connection.transport
        self.pause_reading: Callable[[], None] = network.pause_reading
        self.resume_reading: Callable[[], None] = network.resume_reading
        self.abort: Callable[[], None] = network.abort
        self._protocol = _Protocol(self, options.largest_frame)
        self._websocket = self._protocol.take_over(network)
        if options.keepalive is not None:
            self._set_timer(options.keepalive.interval, self._send_ping, options.keepalive)

    def start(self, sink: FrameSink) -> None:
        """Deliver what has come in already, then read on."""
        self._sink = sink
        self._frame_received = sink.frame_received
        self._frames = WholeFrames(self._largest, sink.frame_received, self._hand_on)
        if not self._is_lost:
            # First this: the sink may want to pause at once.
            self.resume_reading()
        rest, self._rest = self._rest, b""
        self.data_received(rest)
        if self._is_lost:
            sink.connection_lost(self._loss())

    async def send(self, frame: bytes) -> None:
        """Send a text frame, or a binary one."""
        if self._sent is None and not self._is_lost:
            kind = WSMsgType.BINARY if isinstance(frame, BinaryFrame) else WSMsgType.TEXT
            self._websocket.send(kind, frame)
            await self._drained.wait()

    async def close(self, code: int = 1000) -> None:
        """Close; cut when cancelled."""
        try:
            if not self._is_lost:
                # The hub's close frame is behind what it sent before.
                self.resume_reading()
                self._send_close(Close(code, ""))
            # picows raises here what was wrong with a frame; the sink has heard of it.
            with contextlib.suppress(WSProtocolError):
                await self._websocket.wait_disconnected()
        except BaseException:
            self.abort()
            raise

    def data_received(self, data: bytes) -> None:
        """The network has brought something; nothing is read any more behind an error or a close frame."""
        if self.reads_on:
            self._frames.feed(data)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - picows calls it
        """A frame has been read."""
        if self.reads_on:
            self._take(frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it
        """The connection has ended."""
        self._is_lost = True
        self._stop_timer()
        self._drained.set()
        if self._sink is not None:
            self._sink.connection_lost(self._loss())

    def close_frame_sent(self) -> None:
        """A close frame is on its way: from here, or from picows, which was not content with a frame."""
        sent = self._websocket.close_handshake.sent
        if self._sent is None and sent is not None:
            self._sent = Close(int(cast("Any", sent.code)), sent.reason)
            self._give_up()

    def pause_writing(self) -> None:
        """The network takes no more for now."""
        self._drained.clear()

    def resume_writing(self) -> None:
        """It does again."""
        self._drained.set()

    def _hand_on(self, data: bytes) -> bool:
        self._protocol.feed(data)
        return self._takes_whole

    def _take(self, frame: WSFrame) -> None:
        kind = frame.msg_type
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._fail(CloseCode.PROTOCOL_ERROR, "reserved bits must be 0")
        elif kind is WSMsgType.PONG:
            self._take_pong(frame.get_payload_as_bytes())
        elif kind is WSMsgType.CLOSE:
            self._take_close(frame.get_payload_as_bytes())
        elif kind is not WSMsgType.PING:
            self._take_part(frame, continues=kind is WSMsgType.CONTINUATION)

    def _take_part(self, frame: WSFrame, *, continues: bool) -> None:
        if continues != bool(self._fragments):
            expected = "expected" if self._fragments else "unexpected"
            self._fail(CloseCode.PROTOCOL_ERROR, f"{expected} continuation frame")
            return
        self._size += frame.payload_size
        if self._size > self._largest:
            self._fail(CloseCode.MESSAGE_TOO_BIG, f"message with more than {self._largest} bytes")
            return
        if not continues:
            self._is_text = frame.msg_type is WSMsgType.TEXT
        self._fragments.append(frame.get_payload_as_bytes())
        self._takes_whole = bool(frame.fin)
        if frame.fin:
            raw = b"".join(self._fragments)
            self._fragments.clear()
            self._size = 0
            if self._is_text and not is_utf8(raw):
                self._fail(CloseCode.INVALID_DATA, NOT_UTF8)
                return
            self._frame_received(raw)

    def _take_close(self, payload: bytes) -> None:
        try:
            close = Close.parse(payload)
        except ProtocolError as error:
            self._fail(CloseCode.PROTOCOL_ERROR, str(error))
            return
        self._received = close
        self._was_closed_first = self._sent is None
        self.reads_on = self._takes_whole = False
        self._send_close(close)

    def _take_pong(self, payload: bytes) -> None:
        if self._keepalive is not None and payload and payload == self._ping:
            self._ping = b""
            delay = max(0.0, self._next_ping - self._loop.time())
            self._set_timer(delay, self._send_ping, self._keepalive)

    def _send_ping(self, keepalive: Keepalive) -> None:
        self._next_ping = self._loop.time() + keepalive.interval
        self._ping = secrets.token_bytes(4)
        self._websocket.send_ping(self._ping)
        self._set_timer(keepalive.timeout, self._fail, CloseCode.INTERNAL_ERROR, "keepalive ping timeout")

    def _fail(self, code: int, reason: str) -> None:
        self._send_close(Close(code, reason))
        self._give_up()

    def _give_up(self) -> None:
        self.reads_on = self._takes_whole = False
        self._set_timer(self._close_timeout, self.abort)

    def _send_close(self, close: Close) -> None:
        if self._sent is not None or self._is_lost:
            return
        self._sent = close
        if close.code == CloseCode.NO_STATUS_RCVD:
            self._websocket.send(WSMsgType.CLOSE, b"")
        else:
            self._websocket.send_close(cast("Any", int(close.code)), close.reason.encode())
        # The hub is the one to end the TCP connection (RFC 6455, 7.1.1).
        self._set_timer(self._close_timeout, self.abort)

    def _set_timer(self, delay: float, act: Callable[[*ArgsT], object], *args: *ArgsT) -> None:
        """One timer serves all: a ping is due, or its pong, or the end."""
        self._stop_timer()
        self._timer = self._loop.call_later(delay, act, *args)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _loss(self) -> ConnectionLostError:
        sent, received = self._sent, self._received
        both = sent is not None and received is not None
        closed = ConnectionClosedError(received, sent, self._was_closed_first if both else None)
        loss = lost_connection(closed)
        loss.__cause__ = closed
        return loss


async def open_websocket(url: str, headers: Mapping[str, str], options: ConnectionOptions) -> PicowsTransport:
    """Connect; see ``open_transport``."""
    connection = await upgraded_connection(url, headers, options, UpgradedConnection, keepalive=None)
    return PicowsTransport(connection, options)
