"""Moves frames and time between a transport and a session, and events on to the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from .._core.clock import Clock, Timer
from .._core.invalid import InvalidEvent
from .._core.message import Message
from .._core.pending import PendingReply
from .._core.protocol import Operation
from .._core.session import Session, SessionState
from .._core.suspension import SuspensionWatch
from ..exceptions import BufferOverflowError, ConnectionLostError, EventsHubError, MessageDecodeError
from .inbox import Inbox
from .transport import Transport

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)

# A member of an enum is found slowly, and these are looked at for each frame.
_OPEN = SessionState.OPEN
_ENDED = SessionState.ENDED


class ConnectionOwner(Protocol):
    """Who is told how a connection fares, at once and in order with its events."""

    def welcomed(self, session: Session) -> None:
        """The welcome has come; called before the first event is delivered."""
        ...

    def lost(self, error: EventsHubError) -> None:
        """The connection has ended after its welcome, and not because of ``stop``."""
        ...


class Driver:
    """Keeps one connection going. It is the transport's ``FrameSink``.

    Frames come as callbacks and time as a timer; the one task there is writes
    commands, and lives as long as that takes. Nothing outlives ``stop``.
    """

    def __init__(
        self,
        session: Session,
        transport: Transport,
        inbox: Inbox,
        owner: ConnectionOwner,
        *,
        clock: Clock,
        is_repeat: Callable[[Message | InvalidEvent], bool] | None,
        suspension: SuspensionWatch | None,
    ) -> None:
        self._session = session
        self._decode = session.decode
        self._transport = transport
        self._inbox = inbox
        self._items = inbox.items
        self._watchers = inbox.watchers
        self._limit = inbox.buffer.limit
        self._owner = owner
        self._opened = asyncio.Event()
        self._clock = clock
        self._now = clock.monotonic
        self._is_repeat = is_repeat
        self._suspension = suspension
        self._next_look: Timer | None = None
        self._timer: Timer | None = None
        self._writer: asyncio.Task[None] | None = None
        self._stopping = asyncio.Lock()

    async def start(self) -> None:
        """Begin to read, and wait for the welcome.

        Raises:
            ProtocolError: it did not come in time, or something else came.
            ConnectionLostError: the connection ended first.
        """
        self._session.open(self._now())
        self._set_timer()
        self._look_for_suspension()
        if self._session.has_opened:
            # A stream without a welcome begins at once.
            self._opened.set()
            self._owner.welcomed(self._session)
        self._transport.start(self)
        await self._opened.wait()
        # A loss after the welcome is the owner's to hear of.
        if not self._session.has_opened and self._session.failure is not None:
            raise self._session.failure

    def frame_received(self, raw: bytes) -> None:
        """A frame from the transport."""
        # This runs for each event: no call too many.
        session = self._session
        item: Message | InvalidEvent | None
        if session.state is _OPEN and not session.pending.count:
            try:
                item = self._decode(raw)
            except MessageDecodeError as error:
                item = InvalidEvent(error)
        else:
            item = self._receive(raw)
            if item is None:
                return
        if self._is_repeat is not None and self._is_repeat(item):
            return
        if self._watchers and self._inbox.offer(item):
            return
        items = self._items
        items.append(item)
        count = len(items)
        if count == 1:
            self._inbox.readable.set()
        if count >= self._limit and not self._inbox.is_paused:
            self._limit_reached(count)

    def _receive(self, raw: bytes) -> Message | InvalidEvent | None:
        """A frame that is perhaps no event; None when it is none."""
        session = self._session
        if session.state is _ENDED:
            return None
        try:
            item = session.receive(raw, self._now())
        except EventsHubError as error:
            self._fail(error)
            return None
        if item is None and not self._opened.is_set():
            self._opened.set()
            self._set_timer()
            self._owner.welcomed(session)
        return item

    def connection_lost(self, error: ConnectionLostError) -> None:
        """The transport's last word."""
        self._fail(error)

    def _limit_reached(self, count: int) -> None:
        buffer = self._inbox.buffer
        if buffer.when_full == "wait":
            awaits_reply = self._session.awaits_reply
            if self._inbox.is_full(awaits_reply=awaits_reply):
                self._session.pause()
                self._transport.pause_reading()
                self._inbox.pause(self._resume)
                # Another thread may have emptied it since it was counted, and wait.
                self._inbox.read_on(awaits_reply=awaits_reply)
        elif count > self._limit:
            if buffer.when_full == "drop_oldest":
                buffer.shed()
            else:
                self._fail(BufferOverflowError(self._limit))

    def _resume(self) -> None:
        if self._session.state is not SessionState.ENDED:
            self._session.resume(self._now())
            self._transport.resume_reading()

    async def request(
        self, operation: Operation[RequestT, ReplyT], command: RequestT, within: float | None
    ) -> PendingReply[ReplyT]:
        """Send a command and wait until it is answered, failed or overdue.

        Raises:
            NotConnectedError: there is no open connection.
        """
        done = asyncio.Event()
        pending = self._session.request(operation, command, now=self._now(), timeout=within, notify=done.set)
        try:
            self._write_soon()
            self._set_timer()
            await done.wait()
        finally:
            self._session.forget(pending)
        return pending

    async def flush(self) -> None:
        """Wait until everything that the session has to send is written, or the connection has ended."""
        self._write_soon()
        if self._writer is not None:
            await asyncio.wait((self._writer,))

    async def stop(self) -> None:
        """End the connection and everything that this object runs. Safe to call again."""
        self._session.close(self._now())
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
            self._session.lose(error, self._now())
            self._wake_all()
            self._transport.abort()
            if self._session.has_opened:
                self._owner.lost(error)

    def _wake_all(self) -> None:
        self._opened.set()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._session.next_deadline()
        if self._next_look is not None and self._session.state is SessionState.ENDED:
            self._next_look.cancel()
            self._next_look = None
        if deadline is not None:
            delay = max(0.001, deadline - self._now())
            self._timer = self._clock.call_later(delay, self._on_time)

    def _on_time(self) -> None:
        if self._session.state is SessionState.ENDED:
            return
        try:
            self._session.tick(self._now())
        except EventsHubError as error:
            self._fail(error)
            return
        self._write_soon()
        self._set_timer()

    def _look_for_suspension(self) -> None:
        if self._suspension is None or self._session.state is SessionState.ENDED:
            return
        slept = self._suspension.slept(self._clock.time(), self._now())
        if slept is not None:
            text = f"the machine slept for {slept:.0f} s: the connection is taken for dead"
            self._fail(ConnectionLostError(text, after_suspension=True))
            return
        self._next_look = self._clock.call_later(self._suspension.interval, self._look_for_suspension)

    def _write_soon(self) -> None:
        # The answer may be behind events for which there is no room.
        self._inbox.read_on(awaits_reply=self._session.awaits_reply)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="eventshub writer")

    async def _write(self) -> None:
        while (frame := self._session.take_outgoing()) is not None:
            await self._transport.send(frame)
