"""Moves frames and time between a transport and a session, and events on to the application."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TypeAlias, TypeVar

from .._core.buffer import EventBuffer
from .._core.invalid import InvalidEvent
from .._core.message import Message
from .._core.pending import PendingReply
from .._core.protocol import Operation
from .._core.session import Session, SessionState
from ..exceptions import ConnectionLostError, EventsHubError
from .transport import Transport

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)
Item: TypeAlias = Message | InvalidEvent


class Driver:
    """Keeps one connection going. It is the transport's ``FrameSink``.

    Frames come as callbacks and time as a timer; the one task there is writes
    commands, and lives as long as that takes. Nothing outlives ``stop``.
    """

    def __init__(self, session: Session, transport: Transport, buffer: EventBuffer[Item]) -> None:
        self.is_paused = False
        """Whether reading has stopped because the buffer is full."""
        self._session = session
        self._transport = transport
        self._buffer = buffer
        self._items = buffer.items
        self._opened = asyncio.Event()
        self._readable = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._writer: asyncio.Task[None] | None = None
        self._stopping = asyncio.Lock()

    async def start(self) -> None:
        """Begin to read, and wait for the welcome.

        Raises:
            ProtocolError: it did not come in time, or something else came.
            ConnectionLostError: the connection ended first.
        """
        self._session.open(monotonic())
        self._set_timer()
        self._transport.start(self)
        await self._opened.wait()
        if self._session.failure is not None:
            raise self._session.failure

    def frame_received(self, raw: bytes) -> None:
        """A frame from the transport."""
        session = self._session
        if session.state is SessionState.ENDED:
            return
        try:
            item = session.receive(raw, monotonic())
        except EventsHubError as error:
            self._fail(error)
            return
        if item is None:
            if not self._opened.is_set():
                self._opened.set()
                self._set_timer()
            return
        self._items.append(item)
        count = len(self._items)
        if count == 1:
            self._readable.set()
        if count >= self._buffer.limit and not self.is_paused:
            self._pause_if_full()

    def connection_lost(self, error: ConnectionLostError) -> None:
        """The transport's last word."""
        self._fail(error)

    async def next_item(self) -> Item | None:
        """Wait for the next event; None after ``stop``.

        Raises:
            EventsHubError: the connection has ended, and all events before that have been handed out.
        """
        while not self._items:
            if self._session.failure is not None:
                raise self._session.failure.with_traceback(None)
            if self._session.state is SessionState.ENDED:
                return None
            self._readable.clear()
            await self._readable.wait()
        return self._items.popleft()

    def read_on(self) -> None:
        """Resume reading if it has stopped and there is room again."""
        if self.is_paused and self._buffer.has_room(awaits_reply=self._session.awaits_reply):
            self.is_paused = False
            self._session.resume(monotonic())
            self._transport.resume_reading()

    def _pause_if_full(self) -> None:
        if self._buffer.is_full(awaits_reply=self._session.awaits_reply):
            self.is_paused = True
            self._session.pause()
            self._transport.pause_reading()

    async def request(
        self, operation: Operation[RequestT, ReplyT], command: RequestT, within: float | None
    ) -> PendingReply[ReplyT]:
        """Send a command and wait until it is answered, failed or overdue.

        Raises:
            NotConnectedError: there is no open connection.
        """
        done = asyncio.Event()
        pending = self._session.request(operation, command, now=monotonic(), timeout=within, notify=done.set)
        try:
            self._write_soon()
            self._set_timer()
            await done.wait()
        finally:
            self._session.forget(pending)
        return pending

    async def stop(self) -> None:
        """End the connection and everything that this object runs. Safe to call again."""
        self._session.close(monotonic())
        self._items.clear()
        self._wake_all()
        async with self._stopping:
            try:
                if self._writer is not None:
                    self._writer.cancel()
                    await asyncio.gather(self._writer, return_exceptions=True)
                await self._transport.close()
            except BaseException:
                self._transport.abort()
                raise

    def _fail(self, error: EventsHubError) -> None:
        if self._session.state is not SessionState.ENDED:
            self._session.lose(error, monotonic())
            self._wake_all()
            self._transport.abort()

    def _wake_all(self) -> None:
        self._opened.set()
        self._readable.set()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._session.next_deadline()
        if deadline is not None:
            delay = max(0.001, deadline - monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        try:
            self._session.tick(monotonic())
        except EventsHubError as error:
            self._fail(error)
            return
        self._write_soon()
        self._set_timer()

    def _write_soon(self) -> None:
        # The answer may be behind events for which there is no room.
        self.read_on()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="eventshub writer")

    async def _write(self) -> None:
        while (frame := self._session.take_outgoing()) is not None:
            await self._transport.send(frame)
