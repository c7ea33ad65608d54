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
from .._core.session import Session
from ..exceptions import ConnectionLostError, EventsHubError, NotConnectedError
from .transport import Transport

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)
Item: TypeAlias = Message | InvalidEvent


class Driver:
    """Keeps one connection going: a task that reads, a timer, and a task that writes when needed.

    Nothing of it outlives ``stop``.
    """

    def __init__(self, session: Session, transport: Transport, buffer: EventBuffer[Item]) -> None:
        self._session = session
        self._transport = transport
        self._buffer = buffer
        self._items = buffer.items
        self._loop = asyncio.get_running_loop()
        self._opened = asyncio.Event()
        self._readable = asyncio.Event()
        self._has_room = asyncio.Event()
        self._is_waiting_for_room = False
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._cutter: asyncio.Task[None] | None = None
        self._is_stopped = False
        self._stopping = asyncio.Lock()

    async def start(self) -> None:
        """Begin, and wait for the welcome.

        Raises:
            ProtocolError: it did not come in time, or something else came.
            ConnectionLostError: the connection ended first.
        """
        self._session.open(monotonic())
        self._reader = asyncio.create_task(self._read(), name="eventshub reader")
        self._reader.add_done_callback(self._reader_done)
        self._set_timer()
        await self._opened.wait()
        if self._session.failure is not None:
            raise self._session.failure

    async def next_item(self) -> Item | None:
        """The next event; None after ``stop``.

        Raises:
            EventsHubError: the connection has ended, and all events before that have been handed out.
        """
        while not self._items:
            if self._is_stopped:
                return None
            if self._session.failure is not None:
                raise self._session.failure.with_traceback(None)
            self._readable.clear()
            await self._readable.wait()
        item = self._items.popleft()
        if self._is_waiting_for_room and self._buffer.has_room(awaits_reply=self._session.awaits_reply):
            self._has_room.set()
        return item

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
        self._is_stopped = True
        self._session.close(monotonic())
        self._items.clear()
        self._readable.set()
        async with self._stopping:
            try:
                await self._cancel_tasks()
                await self._transport.close()
            except BaseException:
                await self._transport.abort()
                raise

    async def _cancel_tasks(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        tasks = [task for task in (self._reader, self._writer, self._cutter) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        session, items, buffer, receive = (
            self._session,
            self._items,
            self._buffer,
            self._transport.receive,
        )
        item = session.receive(await receive(), monotonic())
        self._opened.set()
        self._set_timer()
        while True:
            item = session.receive(await receive(), monotonic())
            if item is None:
                continue
            items.append(item)
            self._readable.set()
            if buffer.is_full(awaits_reply=session.awaits_reply):
                await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        self._is_waiting_for_room = True
        self._session.pause()
        while not self._buffer.has_room(awaits_reply=self._session.awaits_reply):
            self._has_room.clear()
            await self._has_room.wait()
        self._is_waiting_for_room = False
        self._session.resume(monotonic())

    def _reader_done(self, reader: asyncio.Task[None]) -> None:
        if reader.cancelled():
            self._fail(NotConnectedError("the subscription was closed"))
            return
        error = reader.exception()
        if isinstance(error, EventsHubError):
            self._fail(error)
        else:
            # A defect of ours: told to the application like the end of a connection, and never a silence.
            failure = ConnectionLostError("reading failed unexpectedly")
            failure.__cause__ = error
            self._fail(failure)

    def _fail(self, error: EventsHubError) -> None:
        self._session.lose(error, monotonic())
        self._opened.set()
        self._readable.set()
        self._set_timer()
        if self._reader is not None and not self._reader.done():
            self._reader.cancel()
        if not self._is_stopped and self._cutter is None:
            self._cutter = asyncio.create_task(self._transport.abort(), name="eventshub cutter")

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._session.next_deadline()
        if deadline is not None and not self._is_stopped:
            self._timer = self._loop.call_later(max(0.001, deadline - monotonic()), self._on_time)

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
        self._has_room.set()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="eventshub writer")

    async def _write(self) -> None:
        while (frame := self._session.take_outgoing()) is not None:
            try:
                await self._transport.send(frame)
            except ConnectionLostError:
                # The reader meets the same end, behind the frames that arrived before it.
                return
