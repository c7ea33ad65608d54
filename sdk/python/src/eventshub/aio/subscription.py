"""An open subscription: events to iterate over, commands to send."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast, overload

from .._core.address import Address
from .._core.buffer import Item
from .._core.handlers import Handlers, require_class
from .._core.invalid import InvalidEvent
from .._core.session import removable_channels
from .._generated import UnsubscribeResult, Welcome
from .._generated.protocol import CLIENT_ID, PING, PROTOCOL
from ..exceptions import NotConnectedError
from .driver import Driver
from .stream import Stream

EventT_co = TypeVar("EventT_co", covariant=True)
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


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
        readable: asyncio.Event,
        raises_invalid: bool,
        remove: Callable[[Address, str, tuple[str, ...]], Awaitable[UnsubscribeResult]],
    ) -> None:
        self._stream = stream
        self._inbox = stream.inbox
        self._items = stream.inbox.items
        self._take = cast("Callable[[], EventT_co]", stream.inbox.items.popleft)
        self._readable = readable
        self._raises_invalid = raises_invalid
        self._remove = remove
        self._handlers: Handlers[object] = Handlers()
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

    @overload
    def on(
        self, item_type: type[ItemT], handler: Callable[[ItemT], ResultT]
    ) -> Callable[[ItemT], ResultT]: ...

    @overload
    def on(
        self, item_type: type[ItemT], handler: None = None
    ) -> Callable[[Callable[[ItemT], ResultT]], Callable[[ItemT], ResultT]]: ...

    def on(self, item_type: type[Any], handler: Callable[[Any], Any] | None = None) -> Any:
        """Have ``run`` call a handler with everything of a type; iterating calls none.

        Several handlers may want the same: they are called in the order in which
        they were added. May be used as a decorator: ``@events.on(VmStateChanged)``.

        Args:
            item_type: A class of events or notices; its subclasses are meant too.
            handler: A function, plain or ``async``. What is plain must not block.
        """
        if handler is None:
            return partial(self.on, item_type)
        self._handlers.add(item_type, handler)
        return handler

    async def run(self) -> None:
        """Call the handlers, one event after the other, until the subscription is closed.

        A handler is through before the next one begins: order is kept, and a slow
        handler holds up the stream. What no handler wants is passed over.

        Raises:
            Exception: what a handler raised; the handlers after it are not called with that event, and
                another ``run`` goes on with the next one. Or what iterating raises, see ``subscribe``.
            RuntimeError: there is no handler.
        """
        if not self._handlers:
            raise RuntimeError("there is nothing to run: give handlers with on()")
        async for item in self:
            for handler in self._handlers.wanting(item):
                result = handler(item)
                if inspect.isawaitable(result):
                    await result

    async def wait_for(
        self,
        item_type: type[ItemT],
        *,
        where: Callable[[ItemT], object] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - by the client's own clock
    ) -> ItemT:
        """Wait for one event, and take it out of the stream; all others stay in it, in order.

        It may be one that has come already and was not taken yet. Several may
        wait at once, beside who iterates: each gets one of its own. The others
        wait in the buffer, up to twice its size. A lost connection is no end:
        what comes over the next one counts.

        Args:
            item_type: A class of events or notices; its subclasses are meant too.
            where: What it has to fulfil besides; called in the event loop, it must not block.
            timeout: Seconds to wait; for ever when not given.

        Raises:
            EventTimeoutError: it did not come in time.
            BufferOverflowError: too many others came, and nobody took them.
            NotConnectedError: the subscription is closed, or not entered.
            EventsHubError: the stream has ended for good, for the reason it says.
            Exception: what ``where`` raised.
        """
        require_class(item_type, "wait_for()")
        self._driver()

        def wants(item: Item) -> bool:
            return isinstance(item, item_type) and (where is None or bool(where(item)))

        item = await self._stream.wait_for(wants, awaited=item_type.__name__, timeout=timeout)
        return cast("ItemT", item)

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
        # This runs for each event.
        if not self._items:
            self._driver()
            await self._wait_for_item()
        item = self._take()
        if self._inbox.is_paused:
            self._stream.read_on()
        if self._raises_invalid and isinstance(item, InvalidEvent):
            raise item.error
        return item

    async def _wait_for_item(self) -> None:
        inbox = self._inbox
        while not self._items:
            if inbox.is_closed:
                raise StopAsyncIteration
            if inbox.failure is not None:
                raise inbox.failure.with_traceback(None)
            self._readable.clear()
            await self._readable.wait()

    def _driver(self) -> Driver:
        if self._stream.driver is None:
            raise NotConnectedError("enter the subscription first: async with hub.subscribe(...) as events")
        return self._stream.driver

    def _open_driver(self) -> Driver:
        driver = self._driver()
        try:
            self._stream.session.require_open()
        except NotConnectedError as error:
            error.retryable = self._stream.goes_on
            raise
        return driver

    def __repr__(self) -> str:
        return f"<AsyncSubscription {self._stream.session.state.name.lower()} {', '.join(self.channels)}>"
