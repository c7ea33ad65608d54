"""An open subscription: events to iterate over, commands to send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from .._core.buffer import EventBuffer
from .._core.invalid import InvalidEvent
from .._core.session import Session, removable_channels
from .._generated import UnsubscribeResult, Welcome
from .._generated.protocol import CLIENT_ID, PING, PROTOCOL
from ..exceptions import NotConnectedError
from .driver import Driver, Item
from .transport import Transport

EventT_co = TypeVar("EventT_co", covariant=True)


class AsyncSubscription(Generic[EventT_co]):
    """One connection to the hub; made by ``AsyncEventsHub.subscribe``.

    Use it as an asynchronous context manager, and iterate over it. It is its
    own iterator, and an exception for one event does not end it: the next
    step gives the next event. Several tasks may use it at the same time; an
    event goes to one of those that iterate.

    A consumer that falls behind fills the buffer; then reading stops, and
    the hub has to wait or to drop. Whoever stalls longer than the heartbeat
    deadline (20 to 40 s here, 45 s at the hub) loses the connection.
    """

    def __init__(
        self,
        session: Session,
        *,
        buffer_size: int,
        raises_invalid: bool,
        connect: Callable[[tuple[str, ...]], Awaitable[Transport]],
        remove: Callable[..., Awaitable[UnsubscribeResult]],
    ) -> None:
        self._session = session
        self._buffer: EventBuffer[Item] = EventBuffer(buffer_size)
        self._items = self._buffer.items
        self._raises_invalid = raises_invalid
        self._connect = connect
        self._remove = remove
        self._driver: Driver | None = None

    @property
    def welcome(self) -> Welcome:
        """The hub's first message on this connection.

        Raises:
            NotConnectedError: none has arrived yet.
        """
        if self._session.welcome is None:
            raise NotConnectedError("no welcome has arrived yet: enter the subscription first")
        return cast("Welcome", self._session.welcome)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that the connection has now: those of the welcome, less those unsubscribed since."""
        return self._session.channels

    @property
    def channels_refused(self) -> tuple[str, ...]:
        """What was asked for and not granted; the hub drops unknown names silently (protocol CONN-5)."""
        return self._session.refused

    async def ping(self, *, timeout: float | None = None) -> timedelta:  # noqa: ASYNC109 - the reply's deadline
        """Send a ping and wait for its pong; the result is the round trip.

        Args:
            timeout: Seconds to wait; ``Timeouts.reply`` when not given.

        Raises:
            CommandError: the hub refused; it wants a subscription to ``health`` (protocol CMD-4).
            ReplyTimeoutError: no pong came in time.
            ConnectionLostError: the connection ended first.
            NotConnectedError: there is no open connection.
        """
        pending = await self._open_driver().request(PING, PING.request(), timeout)
        pending.result()
        return pending.round_trip

    async def client_id(self, *, timeout: float | None = None) -> str:  # noqa: ASYNC109 - the reply's deadline
        """Ask the hub for this connection's ID. The welcome has it too: ``welcome.body.client_id``.

        Args:
            timeout: Seconds to wait; ``Timeouts.reply`` when not given.

        Raises:
            CommandError: the hub refused; it wants a subscription to ``system`` (protocol CMD-4).
            ReplyTimeoutError: no answer came in time.
            ConnectionLostError: the connection ended first.
            NotConnectedError: there is no open connection.
        """
        pending = await self._open_driver().request(CLIENT_ID, CLIENT_ID.request(), timeout)
        return pending.result().body.client_id

    async def unsubscribe(self, *channels: str) -> UnsubscribeResult:
        """Drop channels from the live connection, over REST; the socket stays open.

        The hub applies the valid part of a mixed request: check ``refused``
        even when nothing is raised. Attributes that the hub did not send are
        ``UNSET``, which is false. Events that were received before may still
        come out of the buffer. A dropped channel cannot be added back on
        this connection (protocol UNSUB-7).

        Args:
            channels: At least one. ``global`` is refused before anything is sent.

        Raises:
            GlobalChannelError: ``global`` was among the channels.
            NotConnectedError: there is no open connection.
            StatusError: the hub refused; the subclass says why.
            HubUnreachableError: the REST call got no answer.
        """
        names = removable_channels(PROTOCOL, channels)
        self._open_driver()
        result = await self._remove(self._session.client_id, *names)
        refused = {refusal.event_type for refusal in result.refused or ()}
        self._session.unsubscribed(
            [name for name in names if name not in refused], result.remaining_subscriptions or None
        )
        return result

    async def close(self) -> None:
        """End the connection; iterating ends at once, and events not yet taken are dropped.

        Leaving the context manager does the same. Safe to call again.
        """
        if self._driver is not None:
            await self._driver.stop()

    async def __aenter__(self) -> Self:
        if self._driver is not None:
            raise RuntimeError("a subscription is entered once: call subscribe() for each connection")
        self._driver = Driver(self._session, await self._connect(self._session.asked), self._buffer)
        try:
            await self._driver.start()
        except BaseException:
            await self._driver.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EventT_co:
        driver = self._started()
        if self._items:
            item = self._items.popleft()
        else:
            waited_for = await driver.next_item()
            if waited_for is None:
                raise StopAsyncIteration
            item = waited_for
        if driver.is_paused:
            driver.read_on()
        if self._raises_invalid and isinstance(item, InvalidEvent):
            raise item.error
        return cast("EventT_co", item)

    def _started(self) -> Driver:
        if self._driver is None:
            raise NotConnectedError("enter the subscription first: async with hub.subscribe(...) as events")
        return self._driver

    def _open_driver(self) -> Driver:
        driver = self._started()
        self._session.require_open()
        return driver

    def __repr__(self) -> str:
        return f"<AsyncSubscription {self._session.state.name.lower()} {', '.join(self.channels)}>"
