"""Keeps a subscription connected: one driver after the other fills one inbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from .._core.address import Address
from .._core.buffer import Item
from .._core.clock import Clock, Timer
from .._core.duplicates import RecentIds
from .._core.notices import ChannelsRefused, Connected, Disconnected, NoticeChoice, Reconnected
from .._core.reconnect import Attempt, Reconnect, Reconnection
from .._core.session import Session, channel_names
from .._core.settings import Keepalive, require_one_of
from .._core.suspension import SuspensionWatch
from ..exceptions import (
    BufferOverflowError,
    ConnectionLostError,
    EventsHubError,
    EventTimeoutError,
    NotConnectedError,
)
from .clock import sleep
from .driver import Driver
from .inbox import Inbox, Watcher
from .transport import Transport

logger: logging.Logger = logging.getLogger("eventshub")

Connect: TypeAlias = Callable[[Address, tuple[str, ...]], Awaitable[Transport]]


class Stream:
    """One subscription's connections.

    While connected, nothing runs but the driver. A loss starts a task, which
    ends with the next connection or for good. Nothing outlives ``stop``.
    """

    def __init__(
        self,
        channels: Iterable[str],
        *,
        address: Address,
        stream_path: str,
        connect: Connect,
        new_session: Callable[[tuple[str, ...]], Session],
        inbox: Inbox,
        reconnect: Reconnect | None,
        reconnection: Reconnection,
        notices: NoticeChoice,
        recent_ids: RecentIds | None,
        keepalive: Keepalive | None,
        clock: Clock,
    ) -> None:
        self.address: Address = address
        """Where the last connection went."""
        self.wanted: tuple[str, ...] = channel_names(channels)
        """What the next connection asks for."""
        self.session: Session = new_session(self.wanted)
        """The last one that was welcomed."""
        self.inbox = inbox
        self.driver: Driver | None = None
        self._stream_path = stream_path
        self._connect = connect
        self._new_session = new_session
        self._settings = reconnect
        self._reconnection = reconnection
        require_one_of(NoticeChoice, "notices", notices)
        self._notices: NoticeChoice = notices
        self._is_repeat = None if recent_ids is None else recent_ids.is_repeat
        self._suspension = None if keepalive is None else keepalive.suspension
        self._clock = clock
        self._reconnecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect for the first time.

        Raises:
            EventsHubError: no connection came about, and none will.
        """
        try:
            await self._open_somehow()
        except BaseException:
            # Cancelled after a welcome, it may already be connecting again.
            await self.stop()
            raise

    async def stop(self) -> None:
        """End everything. Safe to call again."""
        self.inbox.close()
        try:
            if self._reconnecting is not None:
                self._reconnecting.cancel()
                await asyncio.gather(self._reconnecting, return_exceptions=True)
        finally:
            if self.driver is not None:
                await self.driver.stop()

    @property
    def goes_on(self) -> bool:
        """Whether there is, or will be, another connection."""
        inbox = self.inbox
        return self._settings is not None and inbox.failure is None and not inbox.is_closed

    @property
    def has_room(self) -> bool:
        """Whether reading that had stopped can go on. May be asked in any thread."""
        return self.inbox.has_room(awaits_reply=self.session.awaits_reply)

    def read_on(self) -> None:
        """Go on reading, if there is room again."""
        self.inbox.read_on(awaits_reply=self.session.awaits_reply)

    async def wait_for(self, wants: Callable[[Item], bool], *, awaited: str, timeout: float | None) -> Item:  # noqa: ASYNC109 - by the client's own clock
        """Wait for an item, and take it out of the stream.

        Raises:
            Exception: what ended the stream or the waiting, see ``AsyncSubscription.wait_for``.
        """
        inbox = self.inbox
        watcher = Watcher(wants)
        timer: Timer | None = None
        inbox.watchers.append(watcher)
        try:
            if not inbox.take_first(watcher):
                if inbox.is_closed:
                    raise NotConnectedError("the subscription is closed")
                if inbox.failure is not None:
                    raise inbox.failure.with_traceback(None)
                self.read_on()
                if inbox.is_paused:
                    raise BufferOverflowError(len(inbox.items) - 1)
                if timeout is not None:
                    error = EventTimeoutError(awaited=awaited, timeout=timeout)
                    timer = self._clock.call_later(timeout, lambda: watcher.fail(error))
            return await watcher.outcome
        except asyncio.CancelledError:
            inbox.give_back(watcher)
            raise
        finally:
            inbox.watchers.remove(watcher)
            if timer is not None:
                timer.cancel()

    def unsubscribed(self, session: Session, gone: Iterable[str], remaining: Iterable[str] | None) -> None:
        """The hub took channels away from a session; the next one does not ask for them."""
        removed = frozenset(gone)
        session.unsubscribed(removed, remaining)
        self.wanted = tuple(name for name in self.wanted if name not in removed)

    def welcomed(self, session: Session) -> None:
        """A driver's connection is open; called before its first event is delivered."""
        self.session = session
        gap = self._reconnection.welcomed(self._clock.monotonic())
        client_id, channels = session.client_id, session.channels
        if gap is not None:
            attempts = self._reconnection.attempts
            logger.info("connected again after %.1f s", gap.total_seconds())
            if self._notices != "none":
                self.inbox.tell(
                    Reconnected(gap=gap, attempts=attempts, client_id=client_id, channels=channels)
                )
        elif self._notices == "all":
            self.inbox.tell(Connected(client_id=client_id, channels=channels))
        if session.refused and self._notices != "none":
            self.inbox.tell(ChannelsRefused(channels=session.refused, granted=channels))

    def lost(self, error: EventsHubError) -> None:
        """A connection that was open has ended, and not because of ``stop``."""
        if self.inbox.is_closed:
            return
        if self._notices == "all":
            self.inbox.tell(Disconnected(error=error))
        if self._settings is None:
            self.inbox.end(error)
        elif self._reconnecting is None or self._reconnecting.done():
            self._reconnecting = asyncio.create_task(self._reconnect(error), name="eventshub reconnect")

    async def _reconnect(self, loss: EventsHubError | None) -> None:
        try:
            while loss is not None:
                if self.driver is not None:
                    await self.driver.stop()
                await self._wait(loss)
                await self._open_somehow()
                # Lost again between its welcome and this line.
                loss = self.session.failure
        except Exception as failure:  # noqa: BLE001 - whatever it is, the hook's own included, who iterates gets it
            self.inbox.end(failure)

    async def _open_somehow(self) -> None:
        while True:
            try:
                return await self._open()
            except EventsHubError as error:
                await self._wait(error)

    async def _open(self) -> None:
        session = self._new_session(self.wanted)
        transport = await self._connect(self.address, self.wanted)
        self.driver = Driver(
            session,
            transport,
            self.inbox,
            self,
            clock=self._clock,
            is_repeat=self._is_repeat,
            suspension=None if self._suspension is None else SuspensionWatch(self._suspension),
        )
        try:
            await self.driver.start()
            if self.inbox.is_closed:
                raise NotConnectedError("the subscription was closed")
        except BaseException:
            await self.driver.stop()
            raise

    async def _wait(self, error: EventsHubError) -> None:
        delay = self._reconnection.plan(error, self._clock.monotonic())
        if delay is None or self._settings is None:
            raise error
        attempt = Attempt(
            number=self._reconnection.attempts,
            error=error,
            delay=delay,
            url=str(self.address),
            channels=self.wanted,
        )
        if self._settings.on_attempt is not None:
            self._settings.on_attempt(attempt)
        if attempt.is_stopped:
            raise error
        if attempt.url != str(self.address):
            self.address = Address.parse(attempt.url, stream_path=self._stream_path)
        self.wanted = channel_names(attempt.channels)
        lost = "connection lost" if isinstance(error, ConnectionLostError) else "no connection"
        logger.warning("%s (%s); attempt %d in %.1f s", lost, error, attempt.number, attempt.delay)
        await sleep(self._clock, attempt.delay)
        await self.inbox.wait_for_room()
