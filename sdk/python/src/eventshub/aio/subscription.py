"""An open subscription: events to iterate over, commands to send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from .._core.address import Address
from .._core.invalid import InvalidEvent
from .._core.session import removable_channels
from .._generated import UnsubscribeResult, Welcome
from .._generated.protocol import CLIENT_ID, PING, PROTOCOL
from ..exceptions import NotConnectedError
from .driver import Driver
from .stream import Stream

EventT_co = TypeVar("EventT_co", covariant=True)


class AsyncSubscription(Generic[EventT_co]):
    """Events of some channels, over one connection after the other; made by ``AsyncEventsHub.subscribe``.

    Use it as an asynchronous context manager, and iterate over it. It is its
    own iterator, and an exception for one event does not end it: the next
    step gives the next event. Several tasks may use it at the same time; an
    event goes to one of those that iterate.

    A connection that is lost is made again, unless the hub object was told
    otherwise; ``Reconnected`` stands in the stream where events are missing.

    A consumer that falls behind fills the buffer; then reading stops, and
    the hub has to wait or to drop, unless ``when_full`` says otherwise.
    Whoever stalls longer than the heartbeat deadline (20 to 40 s here, 45 s
    at the hub) loses the connection.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        raises_invalid: bool,
        remove: Callable[[Address, str, tuple[str, ...]], Awaitable[UnsubscribeResult]],
    ) -> None:
        self._stream = stream
        self._inbox = stream.inbox
        self._items = stream.inbox.items
        self._raises_invalid = raises_invalid
        self._remove = remove
        self._is_entered = False

    @property
    def welcome(self) -> Welcome:
        """The hub's first message on the current connection, or on the last one while there is none.

        Raises:
            NotConnectedError: none has arrived yet.
        """
        welcome = self._stream.session.welcome
        if welcome is None:
            raise NotConnectedError("no welcome has arrived yet: enter the subscription first")
        return cast("Welcome", welcome)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that the connection has now: those of the welcome, less those unsubscribed since."""
        return self._stream.session.channels

    @property
    def channels_refused(self) -> tuple[str, ...]:
        """What was asked for and not granted; the hub drops unknown names silently (protocol CONN-5)."""
        return self._stream.session.refused

    @property
    def dropped(self) -> int:
        """How many events were dropped here so far; see ``when_full``."""
        return self._inbox.buffer.dropped

    async def ping(self, *, timeout: float | None = None) -> timedelta:  # noqa: ASYNC109 - the reply's deadline
        """Send a ping and wait for its pong; the result is the round trip.

        Args:
            timeout: Seconds to wait; ``Timeouts.reply`` when not given.

        Raises:
            CommandError: the hub refused; it wants a subscription to ``health`` (protocol CMD-4).
            ReplyTimeoutError: no pong came in time.
            ConnectionLostError: the connection ended first.
            NotConnectedError: there is no open connection; while one is being made, try again later.
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
            NotConnectedError: there is no open connection; while one is being made, try again later.
        """
        pending = await self._open_driver().request(CLIENT_ID, CLIENT_ID.request(), timeout)
        return pending.result().body.client_id

    async def unsubscribe(self, *channels: str) -> UnsubscribeResult:
        """Drop channels from the live connection, over REST; the socket stays open.

        The hub applies the valid part of a mixed request: check ``refused``
        even when nothing is raised. Attributes that the hub did not send are
        ``UNSET``, which is false. Events that were received before may still
        come out of the buffer. A dropped channel cannot be added back on
        this connection (protocol UNSUB-7), and a later connection of this
        subscription does not ask for it.

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
        # Another one may take its place while the call is on its way.
        session = self._stream.session
        result = await self._remove(self._stream.address, session.client_id, names)
        refused = {refusal.event_type for refusal in result.refused or ()}
        gone = [name for name in names if name not in refused]
        self._stream.unsubscribed(session, gone, result.remaining_subscriptions or None)
        return result

    async def close(self) -> None:
        """End the connection, or the waiting for one.

        Iterating ends at once, and events not yet taken are dropped. Leaving the context
        manager does the same. Safe to call again.
        """
        await self._stream.stop()

    async def __aenter__(self) -> Self:
        if self._is_entered:
            raise RuntimeError("a subscription is entered once: call subscribe() for another one")
        self._is_entered = True
        await self._stream.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EventT_co:
        if self._items:
            item = self._items.popleft()
        else:
            self._driver()
            waited_for = await self._inbox.next_item()
            if waited_for is None:
                raise StopAsyncIteration
            item = waited_for
        if self._inbox.is_paused:
            self._inbox.read_on(awaits_reply=self._stream.session.awaits_reply)
        if self._raises_invalid and isinstance(item, InvalidEvent):
            raise item.error
        return cast("EventT_co", item)

    def _driver(self) -> Driver:
        if self._stream.driver is None:
            raise NotConnectedError("enter the subscription first: async with hub.subscribe(...) as events")
        return self._stream.driver

    def _open_driver(self) -> Driver:
        driver = self._driver()
        self._stream.session.require_open()
        return driver

    def __repr__(self) -> str:
        return f"<AsyncSubscription {self._stream.session.state.name.lower()} {', '.join(self.channels)}>"
