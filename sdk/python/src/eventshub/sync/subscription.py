"""An open subscription: events to iterate over, commands to send."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast, overload

from .._core.handlers import Handlers
from .._core.invalid import InvalidEvent
from .._generated import UnsubscribeResult, Welcome
from ..aio.stream import Stream
from ..aio.subscription import AsyncSubscription
from .held_stream import HeldStream
from .loop_thread import LoopThread

EventT_co = TypeVar("EventT_co", covariant=True)
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Subscription(Generic[EventT_co]):
    """Events of some channels, over one connection after the other; made by ``EventsHub.subscribe``.

    Use it as a context manager, and iterate over it. It is its own iterator,
    and an exception for one event does not end it: the next step gives the
    next event. Several threads may use it at the same time; an event goes to
    one of those that iterate.

    A connection that is lost is made again, unless the hub object was told
    otherwise; ``Reconnected`` stands in the stream where events are missing.

    A consumer that falls behind fills the buffer; then reading stops, and
    the hub has to wait or to drop, unless ``when_full`` says otherwise.
    Heartbeats go on meanwhile: they are the business of the client's own
    thread.
    """

    def __init__(
        self,
        stream: Stream,
        commands: AsyncSubscription[EventT_co],
        loop_thread: LoopThread,
        *,
        readable: threading.Event,
        raises_invalid: bool,
    ) -> None:
        self._stream = stream
        self._commands = commands
        self._held = HeldStream(
            stream, loop_thread, readable, begin=commands.__aenter__, end=commands.close, named="subscription"
        )
        self._take = cast("Callable[[], EventT_co]", self._held.take)
        self._raises_invalid = raises_invalid
        self._handlers: Handlers[object] = Handlers()

    @property
    def welcome(self) -> Welcome:
        """The hub's first message on the current connection, or on the last one while there is none.

        Raises:
            NotConnectedError: none has arrived yet.
        """
        return self._commands.welcome

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that the connection has now: those of the welcome, less those unsubscribed since."""
        return self._commands.channels

    @property
    def channels_refused(self) -> tuple[str, ...]:
        """What was asked for and not granted; the hub drops unknown names silently (protocol CONN-5)."""
        return self._commands.channels_refused

    @property
    def dropped(self) -> int:
        """How many events were dropped here so far; see ``when_full``."""
        return self._commands.dropped

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
            handler: A function; it is called in the thread that calls ``run``.
        """
        if handler is None:
            return partial(self.on, item_type)
        if inspect.iscoroutinefunction(handler):
            raise TypeError(f"{handler.__qualname__} is async: handlers like that are for AsyncEventsHub")
        self._handlers.add(item_type, handler)
        return handler

    def run(self) -> None:
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
        for item in self:
            for handler in self._handlers.wanting(item):
                handler(item)

    def wait_for(
        self,
        item_type: type[ItemT],
        *,
        where: Callable[[ItemT], object] | None = None,
        timeout: float | None = None,
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
        with self._held.used() as loop_thread:
            item: ItemT = loop_thread.call(self._commands.wait_for, item_type, where=where, timeout=timeout)
            return item

    def ping(self, *, timeout: float | None = None) -> timedelta:
        """Send a ping and wait for its pong; the result is the round trip.

        Args:
            timeout: Seconds to wait; ``Timeouts.reply`` when not given.

        Raises:
            CommandError: the hub refused; it wants a subscription to ``health`` (protocol CMD-4).
            ReplyTimeoutError: no pong came in time.
            ConnectionLostError: the connection ended first.
            NotConnectedError: there is no open connection; while one is being made, try again later.
        """
        with self._held.used() as loop_thread:
            return loop_thread.call(self._commands.ping, timeout=timeout)

    def client_id(self, *, timeout: float | None = None) -> str:
        """Ask the hub for this connection's ID. The welcome has it too: ``welcome.body.client_id``.

        Args:
            timeout: Seconds to wait; ``Timeouts.reply`` when not given.

        Raises:
            CommandError: the hub refused; it wants a subscription to ``system`` (protocol CMD-4).
            ReplyTimeoutError: no answer came in time.
            ConnectionLostError: the connection ended first.
            NotConnectedError: there is no open connection; while one is being made, try again later.
        """
        with self._held.used() as loop_thread:
            return loop_thread.call(self._commands.client_id, timeout=timeout)

    def unsubscribe(self, *channels: str) -> UnsubscribeResult:
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
        with self._held.used() as loop_thread:
            return loop_thread.call(self._commands.unsubscribe, *channels)

    def close(self) -> None:
        """End the connection, or the waiting for one.

        Iterating ends at once, and events not yet taken are dropped. Leaving the context
        manager does the same. Safe to call again.
        """
        self._held.close()

    def __enter__(self) -> Self:
        self._held.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> EventT_co:
        item = self._take()
        if self._raises_invalid and isinstance(item, InvalidEvent):
            raise item.error
        return item

    def __repr__(self) -> str:
        return f"<Subscription {self._stream.session.state.name.lower()} {', '.join(self.channels)}>"
