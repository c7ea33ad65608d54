"""The seam, filled by the websockets library."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidProxy, InvalidURI
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import Event, State
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from .._core.frames import BinaryFrame
from .._core.settings import Keepalive
from .._core.whole_frames import NOT_UTF8, WholeFrames, is_utf8
from .._net.options import ConnectionOptions, stream_logger
from .._net.proxy import ENVIRONMENT, SOCKS_IS_MISSING, failure_behind_proxy
from .._net.websocket_failures import OPENING_FAILURES, lost_connection, opening_failure
from ..exceptions import ConnectionLostError, HubUnreachableError
from .transport import FrameSink

# Measured: all that one read brings is decoded before any of it is taken, and more falls out of the caches.
LARGEST_READ = 32 * 1024
_HEAD_END = b"\r\n\r\n"
_DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})


class _ConnectWithoutRedirects(connect):
    """Takes a redirect for an answer: following it would carry an API key to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class UpgradedConnection(ClientConnection, asyncio.BufferedProtocol):
    """Ends with the hub's answer: what comes behind it is kept as it is, for somebody to take."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = memoryview(bytearray(LARGEST_READ))
        self._seen = b""
        self.rest: bytes = b""
        """What came behind the answer."""

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio calls it
        """Where the network puts what it brings."""
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """The network has brought something."""
        self.data_received(bytes(self._room[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Take it."""
        if self._is_upgraded():
            self.rest += data
            return
        seen = self._seen + data
        end = seen.find(_HEAD_END)
        if end < 0:
            self._seen = seen[-len(_HEAD_END) + 1 :]
            super().data_received(data)
            return
        split = end + len(_HEAD_END) - len(self._seen)
        super().data_received(data[:split])
        if self._is_upgraded():
            self.rest = data[split:]
        else:
            # The body of a refusal.
            super().data_received(data[split:])

    def _is_upgraded(self) -> bool:
        return self.protocol.state is not State.CONNECTING

    def process_event(self, event: Event) -> None:
        """Take what it means: the answer to the upgrade, at first."""
        super().process_event(event)
        if isinstance(event, Response):
            self.transport.pause_reading()


class _PushingConnection(UpgradedConnection):
    """Hands messages on as they come; the library's own way costs more than decoding."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sink: FrameSink | None = None
        self._fragments: list[bytes] = []
        self._is_text = False
        self._end: asyncio.TimerHandle | None = None

    def deliver_to(self, sink: FrameSink, largest: int) -> None:
        """Deliver what has come in already, then read on."""
        is_lost = self.connection_lost_waiter.done()
        if not is_lost:
            # First this: the sink may want to pause at once.
            self.transport.resume_reading()
        self._sink = sink
        self._frames = WholeFrames(largest, sink.frame_received, self._hand_on)
        rest = self.rest
        self.rest: bytes = b""
        self.data_received(rest)
        if is_lost:
            sink.connection_lost(self._loss())

    def data_received(self, data: bytes) -> None:
        if self._sink is None:
            super().data_received(data)
        else:
            self._frames.feed(data)

    def process_event(self, event: Event) -> None:
        if self._sink is None or not isinstance(event, Frame) or event.opcode not in _DATA:
            super().process_event(event)
            return
        if not self._fragments:
            self._is_text = event.opcode is Opcode.TEXT
        self._fragments.append(bytes(event.data))
        if event.fin:
            raw = b"".join(self._fragments)
            self._fragments.clear()
            if self._is_text and not is_utf8(raw):
                self.protocol.fail(CloseCode.INVALID_DATA, NOT_UTF8)
                self.send_data()
                return
            self._sink.frame_received(raw)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._end is not None:
            self._end.cancel()
        if self._sink is not None:
            self._sink.connection_lost(self._loss(exc))

    def _hand_on(self, data: bytes) -> bool:
        if self.connection_lost_waiter.done():
            # Behind the end, the library takes nothing.
            return False
        ClientConnection.data_received(self, data)
        if self._end is None and self.protocol.close_expected():
            # The library waits for the hub to end the connection only while somebody sends or closes.
            self._end = self.loop.call_later(self.close_timeout or 0, self.transport.abort)
        return not self._fragments and self.protocol.state is State.OPEN

    def _loss(self, exc: Exception | None = None) -> ConnectionLostError:
        closed = self.protocol.close_exc
        closed.__cause__ = exc
        loss = lost_connection(closed)
        loss.__cause__ = closed
        return loss


class WebSocketTransport:
    """An open connection of the websockets library."""

    def __init__(self, connection: _PushingConnection, options: ConnectionOptions) -> None:
        self._connection = connection
        self._largest = options.largest_frame
        self.pause_reading: Callable[[], None] = connection.transport.pause_reading
        self.resume_reading: Callable[[], None] = connection.transport.resume_reading
        self.abort: Callable[[], None] = connection.transport.abort

    def start(self, sink: FrameSink) -> None:
        """Deliver what has come in already, then read on."""
        self._connection.deliver_to(sink, self._largest)

    async def send(self, frame: bytes) -> None:
        """Send a text frame, or a binary one."""
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(frame, text=not isinstance(frame, BinaryFrame))

    async def close(self, code: int = 1000) -> None:
        """Close; cut when cancelled."""
        try:
            # The hub's close frame is behind what it sent before.
            self.resume_reading()
            await self._connection.close(code)
        except BaseException:
            self.abort()
            raise


ConnectionT = TypeVar("ConnectionT", bound=UpgradedConnection)


def _proxy_for(url: str, options: ConnectionOptions) -> str | None:
    try:
        return get_proxy(parse_uri(url)) if options.proxy == ENVIRONMENT else options.proxy
    except (InvalidURI, UnicodeError):
        # Told by the attempt to connect.
        return None


async def upgraded_connection(
    url: str,
    headers: Mapping[str, str],
    options: ConnectionOptions,
    create_connection: type[ConnectionT],
    keepalive: Keepalive | None,
) -> ConnectionT:
    """Connect; see ``open_transport``."""
    proxy = _proxy_for(url, options)
    try:
        connection = await _ConnectWithoutRedirects(
            url,
            additional_headers=dict(headers),
            user_agent_header=None,
            # Events are small and many: compressing each costs more time than it saves.
            compression=None,
            ssl=options.stream_ssl(url),
            proxy=proxy,
            open_timeout=options.timeouts.connect,
            close_timeout=options.timeouts.close,
            ping_interval=keepalive.interval if keepalive else None,
            ping_timeout=keepalive.timeout if keepalive else None,
            max_size=options.largest_frame,
            logger=stream_logger(),
            create_connection=create_connection,
        )
    except InvalidProxy as error:
        # Its text holds the URL, which may hold a password.
        raise opening_failure(error, url, timeout=0, wall_clock=0) from None
    except ImportError as error:
        raise HubUnreachableError(SOCKS_IS_MISSING, reason="proxy", retryable=False) from error
    except OPENING_FAILURES as error:
        failure = opening_failure(
            error, url, timeout=options.timeouts.connect, wall_clock=options.clock.time()
        )
        raise (failure if proxy is None else failure_behind_proxy(failure, url)) from error
    return cast("ConnectionT", connection)


async def open_websocket(
    url: str, headers: Mapping[str, str], options: ConnectionOptions
) -> WebSocketTransport:
    """Connect; see ``open_transport``."""
    connection = await upgraded_connection(url, headers, options, _PushingConnection, options.keepalive)
    return WebSocketTransport(connection, options)
