"""An open stream: messages to iterate over, messages and commands to send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from .._core.buffer import EventBuffer, Item
from .._core.message import Message
from .._core.reconnect import Reconnection
from ..aio.driver import Driver
from ..aio.inbox import Inbox, Signal
from ..aio.stream import Stream
from ..exceptions import NotConnectedError
from .codec import OpenCodec
from .session import OpenSession
from .tables import Exchange, StreamTable

if TYPE_CHECKING:
    from .client import Client

MessageT_co = TypeVar("MessageT_co", covariant=True)
ItemT = TypeVar("ItemT")


class Connection(Generic[MessageT_co]):
    """Messages of one stream, over one WebSocket after the other; made by a client's method.

    Use it as an asynchronous context manager, and iterate over it: entering connects. A connection that is
    lost is made again, unless the settings say otherwise; ``Reconnected`` stands in the stream where
    messages may be missing. A frame that breaks the schema of its message is an ``InvalidEvent`` in its
    place; what the document does not describe comes as an unknown message. Several tasks may use it.
    """

    def __init__(
        self,
        client: Client,
        table: StreamTable,
        values: Mapping[str, object],
        *,
        readable: Signal | None = None,
        lock: AbstractContextManager[object] | None = None,
    ) -> None:
        """``readable`` and ``lock`` are those of ``Inbox`` and ``EventBuffer``, where other threads take."""
        settings = client.settings
        self._readable = asyncio.Event()
        tells_drops = settings.notices != "none"
        buffer = EventBuffer(settings.buffer_size, settings.when_full, tells_drops=tells_drops, lock=lock)
        codec = OpenCodec(table)
        self._stream = Stream(
            (),
            address=client.stream_address,
            stream_path="",
            connect=client.opener(table, values),
            new_session=lambda _: OpenSession(table, timeouts=settings.timeouts, codec=codec),
            inbox=Inbox(buffer, readable or self._readable),
            reconnect=settings.reconnect,
            reconnection=Reconnection(settings.reconnect, renews_credential=True),
            notices=settings.notices,
            recent_ids=None,
            keepalive=settings.keepalive,
            clock=client.clock,
        )
        self._inbox = self._stream.inbox
        self._is_entered = False

    async def wait_for(
        self,
        item_type: type[ItemT],
        *,
        where: Callable[[ItemT], object] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - by the client's own clock
    ) -> ItemT:
        """Wait for one message, and take it out of the stream; all others stay in it, in order.

        Raises:
            EventTimeoutError: it did not come in time.
            EventsHubError: the stream has ended for good, for the reason it says.
        """
        self._driver()

        def wants(item: Item) -> bool:
            return isinstance(item, item_type) and (where is None or bool(where(item)))

        item = await self._stream.wait_for(wants, awaited=item_type.__name__, timeout=timeout)
        return cast("ItemT", item)

    async def close(self) -> None:
        """End the connection, or the waiting for one. Safe to call again."""
        await self._stream.stop()

    async def __aenter__(self) -> Self:
        if self._is_entered:
            raise RuntimeError("a connection is entered once: make another one")
        self._is_entered = True
        await self._stream.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> MessageT_co:
        self._driver()
        items = self._inbox.items
        while not items:
            if self._inbox.is_closed:
                raise StopAsyncIteration
            if self._inbox.failure is not None:
                raise self._inbox.failure.with_traceback(None)
            self._readable.clear()
            await self._readable.wait()
        item = items.popleft()
        self._stream.read_on()
        return cast("MessageT_co", item)

    async def send(self, message: Message) -> None:
        """Send a message, as it is, and wait until it is handed to the network.

        Raises:
            NotConnectedError: there is no open connection.
        """
        driver = self._driver()
        cast("OpenSession", self._stream.session).push(message)
        await driver.flush()

    async def _ask(self, exchange: Exchange[Any, Any], command: Message, timeout: float | None) -> Any:  # noqa: ASYNC109 - by the client's own clock
        driver = self._driver()
        self._stream.session.require_open()
        return (await driver.request(exchange, command, timeout)).result()

    def _driver(self) -> Driver:
        if self._stream.driver is None:
            raise NotConnectedError("enter the connection first: async with ... as connection")
        return self._stream.driver

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._stream.session.state.name.lower()}>"
